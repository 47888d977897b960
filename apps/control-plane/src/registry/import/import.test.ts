import type { CameraImportAnswer } from '@vedette/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../http/test-app.ts';
import { csvFields, parseCsv } from './csv.ts';

let t: TestApp;
beforeAll(async () => {
  t = await openTestApp();
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const ask = (method: 'POST' | 'GET', path: string, payload?: object) =>
  t.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: t.admin,
    ...(payload === undefined ? {} : { payload }),
  });
async function bring(text: string, format = 'csv', dryRun = false): Promise<CameraImportAnswer['rows']> {
  const answer = await ask('POST', '/cameras/import', { text, format, dryRun });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<CameraImportAnswer>().rows;
}
const count = async () => (await ask('GET', '/cameras?limit=500')).json().items.length;

const TABLE = [
  'Name,Kind,Host,Port,URL,Username,Password,idleTtlSeconds',
  'Gate,onvif,10.0.0.11,8000,,admin,first-secret,20',
  '"Yard, north",rtsp,,,rtsp://10.0.0.12/main,admin,second-secret,',
  'Broken,rtsp,,,http://10.0.0.13/,,,',
  'Gate again,onvif,10.0.0.11,8000,,,,',
  '',
].join('\r\n');

describe('an import', () => {
  it('tells of every row what would become of it, and changes nothing', async () => {
    const before = await count();
    const rows = await bring(TABLE, 'csv', true);
    expect(rows.map(({ action, name }) => `${name}: ${action}`)).toEqual([
      'Gate: create',
      'Yard, north: create',
      'Broken: error',
      'Gate again: error',
    ]);
    expect(rows[2]?.problems).toMatchObject([{ field: 'source.url' }]);
    expect(rows[3]?.problems[0]?.message).toContain('row 1');
    expect(await count()).toBe(before);
  });

  it('takes over what is right, and repeated makes nothing twice', async () => {
    const first = await bring(TABLE);
    expect(first.filter(({ action }) => action === 'create')).toHaveLength(2);
    const again = await bring(TABLE);
    expect(again.map(({ action }) => action)).toEqual(['same', 'same', 'error', 'error']);
    const changed = await bring(TABLE.replace(',20', ',30').replace('second-secret', 'third-secret'));
    expect(changed.map(({ action }) => action)).toEqual(['update', 'update', 'error', 'error']);
    const gate = (await ask('GET', `/cameras/${first[0]?.id}`)).json();
    expect(gate).toMatchObject({ name: 'Gate', idleTtlSeconds: 30, source: { kind: 'onvif', port: 8000 } });
  });

  it('leaves what a row says nothing about, and takes tags and the like out of a table', async () => {
    const siteId = (await ask('POST', '/sites', { name: 'Harbour' })).json().id;
    const table = (columns: string, values: string) =>
      `name,url,${columns}\nSluice,rtsp://10.0.0.14/main,${values}\n`;
    const full = table(
      'tags,tier,pathName,maxConnections,watched,siteId',
      `gate  ptz,2,police_14,3,false,${siteId}`,
    );
    const [added] = await bring(full);
    const camera = async () => (await ask('GET', `/cameras/${added?.id}`)).json();
    const placed = { tags: ['gate', 'ptz'], tier: 2, pathName: 'police_14', maxConnections: 3, siteId };
    expect(await camera()).toMatchObject({ ...placed, watched: false });
    expect((await bring(table('idleTtlSeconds', '40')))[0]?.action).toBe('update');
    expect(await camera()).toMatchObject({ ...placed, watched: false, idleTtlSeconds: 40 });
    expect((await bring(table('tier', '2')))[0]?.action).toBe('same');
  });

  it('is held to the same rules as a camera that is added by hand', async () => {
    const rows = await bring(
      JSON.stringify([
        { name: 'Exec', source: { kind: 'exec', url: 'x' } },
        { name: 'Loop', source: { kind: 'rtsp', url: 'rtsp://127.0.0.1/x' } },
        { name: 'Out', source: { kind: 'file', file: '../x' } },
        'nonsense',
      ]),
      'json',
    );
    expect(rows.map(({ action }) => action)).toEqual(['error', 'error', 'error', 'error']);
    expect(rows[1]?.problems).toMatchObject([{ field: 'source.url' }]);
  });

  it('says what is wrong with a text that it cannot read, without quoting it', async () => {
    for (const [format, text] of [
      ['json', '{"password": "hidden-in-here"'],
      ['yaml', 'a: [hidden-in-here'],
      ['csv', 'name,secret\nx,hidden-in-here'],
    ]) {
      const answer = await ask('POST', '/cameras/import', { format, text });
      expect(answer.json()).toMatchObject({ code: 'invalid_request', fields: [{ path: 'text' }] });
      expect(answer.body).not.toContain('hidden-in-here');
    }
  });
});

describe('an export', () => {
  it.each(['csv', 'json', 'yaml'])(
    'as %s is what an import takes for the same cameras, and holds no password',
    async (format) => {
      const text = (await ask('GET', `/cameras/export?format=${format}`)).body;
      expect(text).not.toContain('secret');
      const rows = await bring(text, format, true);
      expect(rows.length).toBeGreaterThan(1);
      expect(new Set(rows.map(({ action }) => action))).toEqual(new Set(['same']));
    },
  );
});

describe('parseCsv', () => {
  it('reads back whatever fields were written', () => {
    const field = fc
      .string({ unit: fc.constantFrom('a', ',', '"', '\n', ';', ' ') })
      .map((text) => `x${text}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field), { minLength: 1 }), (lines) => {
        const text = csvFields(['one', 'two']) + lines.map((line) => csvFields(line)).join('');
        expect(parseCsv(text)).toEqual([['one', 'two'], ...lines.map((line) => [...line])]);
      }),
    );
  });

  it('takes the semicolon of other countries, and the mark at the beginning', () => {
    expect(parseCsv('\ufeffa;b\r\n1;"2;3"\r\n')).toEqual([
      ['a', 'b'],
      ['1', '2;3'],
    ]);
  });
});
