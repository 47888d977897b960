import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DATA_FORMAT, openDataFolder } from './data-folder.ts';

const freshPath = () => join(mkdtempSync(join(tmpdir(), 'vedette-folder-')), 'data');

function contents(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'latin1')]),
  );
}

describe('the data folder', () => {
  it('is made for its owner alone and says its format', () => {
    const path = freshPath();
    const folder = openDataFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'lock')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(path, 'version.json'), 'utf8'))).toEqual({ format: DATA_FORMAT });
    folder.close();
  });

  it('is refused while another holds it, and left untouched', () => {
    const path = freshPath();
    const holder = openDataFolder(path);
    const before = contents(path);
    expect(() => openDataFolder(path)).toThrow(expect.objectContaining({ code: 'in_use' }));
    expect(() => openDataFolder(path)).toThrow(new RegExp(`process ${process.pid}`));
    expect(contents(path)).toEqual(before);
    holder.close();
    holder.close();
    openDataFolder(path).close();
  });

  it('is refused when a newer version wrote it, and left untouched', () => {
    const path = freshPath();
    mkdirSync(path);
    writeFileSync(join(path, 'version.json'), JSON.stringify({ format: DATA_FORMAT + 1 }));
    const before = contents(path);
    expect(() => openDataFolder(path)).toThrow(expect.objectContaining({ code: 'newer_version' }));
    expect(contents(path)).toEqual(before);
  });

  it('is refused when its version cannot be read or it cannot be made', () => {
    const path = freshPath();
    mkdirSync(path);
    writeFileSync(join(path, 'version.json'), 'not json');
    expect(() => openDataFolder(path)).toThrow(expect.objectContaining({ code: 'not_usable' }));
    expect(() => openDataFolder(join(path, 'version.json', 'x'))).toThrow(
      expect.objectContaining({ code: 'not_usable' }),
    );
  });
});
