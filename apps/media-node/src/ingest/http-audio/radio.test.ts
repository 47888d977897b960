import { AllowedHosts } from '@vedette/runtime';
import { describe, expect, it, test } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import { streamTitle } from './icy-metadata.ts';
import { LivePacer } from './live-pacer.ts';
import { isPlaylist, readPlaylist } from './station-playlist.ts';

describe('a title', () => {
  const title = (text: string, encoding: BufferEncoding = 'utf8') => streamTitle(Buffer.from(text, encoding));

  it('is what stands between the quotes, quotes of its own included', () => {
    expect(title("StreamTitle='Guns N' Roses - Don't Cry';StreamUrl='x';")).toBe("Guns N' Roses - Don't Cry");
    expect(title("StreamUrl='';StreamTitle='last'")).toBe('last');
  });

  it('is read as UTF-8 where it is that, as Latin-1 otherwise', () => {
    expect(title("StreamTitle='Motörhead – 1916';")).toBe('Motörhead – 1916');
    expect(title("StreamTitle='Motörhead';", 'latin1')).toBe('Motörhead');
  });

  it('that is empty means that nothing is said; a block without one says nothing of it', () => {
    expect(title("StreamTitle='';")).toBeNull();
    expect(title("StreamUrl='http://x';")).toBeUndefined();
  });

  it('is one line of at most 500 characters', () => {
    expect(title(`StreamTitle='${'a'.repeat(600)}';`)).toHaveLength(500);
    expect(title("StreamTitle='a\r\n\tb';")).toBe('a b');
  });
});

describe('a playlist of a station', () => {
  const base = new URL('http://radio.example/listen.m3u');

  test.each([
    ['#EXTM3U\n#EXTINF:-1,Jazz\nhttp://a.example/jazz\nhttp://b.example/', 'http://a.example/jazz'],
    ['jazz.mp3\r\n', 'http://radio.example/jazz.mp3'],
    [
      '[playlist]\nNumberOfEntries=1\nTitle1=Jazz\nFile1=https://a.example:8000/;\n',
      'https://a.example:8000/;',
    ],
  ])('gives its first address: %j', (text, address) => {
    expect(readPlaylist(text, base)).toMatchObject({ kind: 'address', url: { href: address } });
  });

  it('of HLS is told apart, and one without an address as well', () => {
    expect(readPlaylist('#EXTM3U\n#EXT-X-TARGETDURATION:6\n', base)).toEqual({ kind: 'hls' });
    expect(readPlaylist('#EXTM3U\nrtmp://a.example/x\n', base)).toEqual({ kind: 'empty' });
  });

  it('is known by its type, by its name where the type says nothing', () => {
    expect(isPlaylist('audio/x-mpegurl; charset=utf-8', '/x')).toBe(true);
    expect(isPlaylist('audio/x-scpls', '/x')).toBe(true);
    expect(isPlaylist('text/plain', '/listen.pls')).toBe(true);
    expect(isPlaylist('audio/mpeg', '/listen.m3u')).toBe(false);
  });
});

describe('HTTP_SOURCE_HOSTS', () => {
  it('allows nothing when empty', () => {
    const hosts = new AllowedHosts([]);
    expect(hosts.allowsName('radio.example')).toBe(false);
    expect(hosts.allowsAddress('198.51.100.7')).toBe(false);
  });

  it('allows names, everything below *.names, addresses and networks, and no more', () => {
    const hosts = new AllowedHosts([
      'Radio.example',
      '*.cdn.example',
      '198.51.100.7',
      '10.0.0.0/8',
      '2001:db8::/32',
    ]);
    expect(
      ['radio.EXAMPLE', 'radio.example.', 'a.b.cdn.example'].every((name) => hosts.allowsName(name)),
    ).toBe(true);
    expect(
      ['cdn.example', 'xcdn.example', 'a.radio.example', '198.51.100.7'].some((name) =>
        hosts.allowsName(name),
      ),
    ).toBe(false);
    expect(['198.51.100.7', '10.9.8.7', '2001:db8::1'].every((address) => hosts.allowsAddress(address))).toBe(
      true,
    );
    expect(
      ['198.51.100.8', '11.0.0.1', '::ffff:127.0.0.1', 'radio.example'].some((address) =>
        hosts.allowsAddress(address),
      ),
    ).toBe(false);
  });
});

describe('LivePacer', () => {
  function setUp() {
    const clock = new HeldClock();
    const out: { n: number; atMs: number; wallMs: number }[] = [];
    const pacer = new LivePacer<number>({
      clock,
      signal: new AbortController().signal,
      onItem: (n, wallMs) => out.push({ n, atMs: clock.now(), wallMs }),
    });
    const push = (from: number, to: number) => {
      for (let n = from; n < to; n += 1) pacer.push(n, 0.025);
    };
    return { clock, out, pacer, push };
  }

  it('lets the newest second of the burst of a connect through, half of it at once', async () => {
    const { clock, out, pacer, push } = setUp();
    push(0, 400);
    await clock.pass(500);
    expect(out[0]?.n).toBeGreaterThanOrEqual(300);
    expect(out.length).toBeGreaterThanOrEqual(20);
    expect(out.length).toBeLessThan(30);
    expect(pacer.droppedSeconds).toBeGreaterThan(7);
    await clock.pass(1000);
    expect(out.at(-1)?.n).toBe(399);
  });

  it('evens out what comes in lumps later, and drops none of it', async () => {
    const { clock, out, pacer, push } = setUp();
    push(0, 40);
    await clock.pass(4000);
    for (let lump = 0; lump < 5; lump += 1) {
      push(40 + lump * 160, 200 + lump * 160);
      await clock.pass(4000);
    }
    expect(pacer.droppedSeconds).toBe(0);
    expect(out.map(({ n }) => n)).toEqual(Array.from({ length: 840 }, (_, n) => n));
    const gaps = out.slice(60).map(({ atMs }, i) => atMs - (out[59 + i]?.atMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(300);
  });

  it('stamps each by when it plays, never going back', async () => {
    const { clock, out, push } = setUp();
    push(0, 40);
    await clock.pass(3000);
    push(40, 80);
    await clock.pass(2000);
    const walls = out.map(({ wallMs }) => wallMs);
    expect(walls).toEqual(walls.toSorted((a, b) => a - b));
    expect((walls[39] ?? 0) - (walls[0] ?? 0)).toBeCloseTo(39 * 25);
    expect((walls[79] ?? 0) - (walls[40] ?? 0)).toBeCloseTo(39 * 25);
  });

  it('has the reader wait while ten seconds are there', async () => {
    const { clock, pacer, push } = setUp();
    push(0, 4);
    await clock.pass(3500);
    push(4, 450);
    let open = false;
    void pacer.room().then(() => {
      open = true;
    });
    await clock.pass(500);
    expect(open).toBe(false);
    await clock.pass(2000);
    expect(open).toBe(true);
  });
});
