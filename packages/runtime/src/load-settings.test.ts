import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings, SettingsError } from './load-settings.ts';
import { settingsToEnv } from './settings-to-env.ts';

const none = { path: '/nonexistent/vedette.yaml', required: false };

function yaml(text: string) {
  const path = join(mkdtempSync(join(tmpdir(), 'vedette-settings-')), 'vedette.yaml');
  writeFileSync(path, text);
  return { path, required: true };
}

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadSettings', () => {
  it('has a default for everything that needs one', () => {
    expect(loadSettings({ flags: {}, env: {}, file: none })).toMatchObject({
      httpPort: 8080,
      udpPort: 8189,
      dataDir: '.vedette',
    });
  });

  it('takes a flag over the environment over the file over the defaults', () => {
    const file = yaml('httpPort: 1\nnodeHttpPort: 2\nudpPort: 3\nrtspPort: 4\n');
    const env = { VEDETTE_HTTP_PORT: '11', VEDETTE_NODE_HTTP_PORT: '12', PATH: '/bin' };
    const settings = loadSettings({
      flags: { httpPort: 21, bind: undefined },
      env,
      file,
      defaults: { rtspPort: 34, simPort: 35 },
    });
    expect(settings).toMatchObject({ httpPort: 21, nodeHttpPort: 12, udpPort: 3, rtspPort: 4, simPort: 35 });
  });

  it('lists every problem at once and names where each came from', () => {
    const file = yaml('httpPrt: 80\nudpPort: 99999\n');
    const problems = problemsOf(() =>
      loadSettings({ flags: { bind: 'nowhere' }, env: { VEDETTE_COLOUR: 'red' }, file }),
    );
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).toMatch(/httpPrt: there is no such setting/);
    expect(problems.join('\n')).toMatch(/VEDETTE_COLOUR: there is no such setting/);
    expect(problems.join('\n')).toMatch(/udpPort/);
    expect(problems.join('\n')).toMatch(/--bind/);
  });

  it('refuses a certificate without its key', () => {
    expect(problemsOf(() => loadSettings({ flags: { tlsCert: 'a.pem' }, env: {}, file: none }))).toHaveLength(
      1,
    );
  });

  it('refuses a file that is not a map', () => {
    expect(problemsOf(() => loadSettings({ flags: {}, env: {}, file: yaml('- a\n- b\n') }))).toHaveLength(1);
    expect(
      problemsOf(() => loadSettings({ flags: {}, env: {}, file: yaml('a: [b\n') })).length,
    ).toBeGreaterThan(0);
  });

  it('splits lists given as text', () => {
    const settings = loadSettings({
      flags: {},
      env: { VEDETTE_SOURCE_NETWORKS: '10.0.0.0/8, 127.0.0.0/8' },
      file: none,
    });
    expect(settings.sourceNetworks).toEqual(['10.0.0.0/8', '127.0.0.0/8']);
  });
});

describe('settingsToEnv', () => {
  it('is read back as the same settings', () => {
    const flags = {
      httpPort: 81,
      sourceNetworks: ['10.0.0.0/8', 'fc00::/7'],
      tlsCert: 'a',
      tlsKey: 'b',
      nodeId: 'n-1',
    };
    const settings = loadSettings({ flags, env: {}, file: none });
    expect(loadSettings({ flags: {}, env: settingsToEnv(settings), file: none })).toEqual(settings);
  });
});
