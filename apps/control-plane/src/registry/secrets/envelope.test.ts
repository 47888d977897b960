import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Envelope } from './envelope.ts';
import { LocalKeyProvider } from './local-key-provider.ts';

const provider = (digit: string) => LocalKeyProvider.fromEnvironment(digit.repeat(64));
const envelope = (...digits: string[]) => {
  const [first = provider('a'), ...rest] = digits.map(provider);
  return new Envelope({ providers: [first, ...rest] });
};

describe('an envelope', () => {
  it('opens to what was sealed, and shows nothing of it', async () => {
    const sealed = await envelope('a').seal('pässword', 'camera 1');
    expect(JSON.stringify(sealed)).not.toContain('pässword');
    expect(await envelope('a').open(sealed, 'camera 1')).toBe('pässword');
  });

  it('is another one each time', async () => {
    const [one, two] = [await envelope('a').seal('x', 'c'), await envelope('a').seal('x', 'c')];
    expect(one.key).not.toBe(two.key);
    expect(one.text).not.toBe(two.text);
  });

  it('does not open as that of another owner, under another key, or altered', async () => {
    const sealed = await envelope('a').seal('secret', 'camera 1');
    const flipped = Buffer.from(sealed.text, 'base64');
    flipped[14] = (flipped[14] ?? 0) ^ 1;
    const attempts = [
      envelope('a').open(sealed, 'camera 2'),
      envelope('b').open(sealed, 'camera 1'),
      envelope('b').open({ ...sealed, keyId: provider('b').keyId }, 'camera 1'),
      envelope('a').open({ ...sealed, text: flipped.toString('base64') }, 'camera 1'),
      envelope('a').open({ ...sealed, text: 'AAAA' }, 'camera 1'),
      envelope('a').open('nonsense', 'camera 1'),
    ];
    for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('still opens what an older key has sealed, and seals by the first', async () => {
    const older = await envelope('a').seal('old', 'c');
    const both = envelope('b', 'a');
    expect(await both.open(older, 'c')).toBe('old');
    expect((await both.seal('new', 'c')).keyId).toBe(provider('b').keyId);
  });
});

describe('the key in the data folder', () => {
  it('is made once, for its owner alone', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'vedette-key-')), 'keys/master.key');
    const made = LocalKeyProvider.fromFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(LocalKeyProvider.fromFile(path).keyId).toBe(made.keyId);
  });

  it('is not replaced when it is damaged: no password could be read any more', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'vedette-key-')), 'master.key');
    writeFileSync(path, 'damaged');
    expect(() => LocalKeyProvider.fromFile(path)).toThrow(/damaged/);
    expect(readFileSync(path, 'utf8')).toBe('damaged');
  });
});
