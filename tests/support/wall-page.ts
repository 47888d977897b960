// What browser tests do with the dashboard: sign in, read tiles as an operator sees them, put players of their own
// into the page, read the number burnt into a picture.
import type { Page } from 'playwright-core';
import { readFrameStrip } from '../../simulators/cameras/clip/frame-strip.ts';
import type { Demo } from './demo.ts';
import { eventually } from './eventually.ts';

export interface Tile {
  readonly state: string;
  readonly protocol: string;
  readonly cameraId: string;
}

/** As the administrator unless as somebody else. */
export async function signIn(
  page: Page,
  demo: Demo,
  as: { readonly name: string; readonly password: string } = { name: 'admin', password: demo.adminPassword },
): Promise<void> {
  await page.goto(`${demo.address}/sign-in`);
  await page.getByTestId('sign-in-name').fill(as.name);
  await page.getByTestId('sign-in-password').fill(as.password);
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('wall').waitFor();
}

/** The wall's tiles that hold a camera. */
export function tiles(page: Page): Promise<Tile[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('[data-testid^="tile-"][data-camera-id]')].map((tile) => ({
      state: tile.getAttribute('data-state') ?? '',
      protocol: tile.getAttribute('data-protocol') ?? '',
      cameraId: tile.getAttribute('data-camera-id') ?? '',
    })),
  );
}

/** Decoded pictures so far, a number a player in the page. */
export function pictures(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('vedette-player')].map((player) => {
      const videos = [...(player.shadowRoot?.querySelectorAll('video') ?? [])];
      return videos.reduce(
        (most, video) => Math.max(most, video.getVideoPlaybackQuality().totalVideoFrames),
        0,
      );
    }),
  );
}

/** Waits until `count` tiles are live by `protocol`, and then every one of them has got new pictures, all within the time. */
export async function movingTiles(
  page: Page,
  count: number,
  protocol: string,
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  const left = () => Math.max(0, deadline - performance.now());
  const live = async () => {
    const now = await tiles(page);
    return now.filter((tile) => tile.state === 'live' && tile.protocol === protocol).length === count;
  };
  await eventually(`${count} live tiles by ${protocol}`, live, { withinMs: left(), everyMs: 20 });
  const before = await pictures(page);
  await eventually(
    `new pictures in ${count} live tiles`,
    async () => (await live()) && (await pictures(page)).every((now, index) => now > (before[index] ?? 0)),
    { withinMs: left() },
  );
}

/** Frame number on screen and when it was there (ms since the Unix epoch), for the player of this id. */
export async function frameOnScreen(
  page: Page,
  elementId: string,
): Promise<{ frame: number; atMs: number } | undefined> {
  const seen = await page.evaluate((id) => {
    const player = document.getElementById(id);
    const video = [...(player?.shadowRoot?.querySelectorAll('video') ?? [])].find(
      (candidate) => candidate.videoWidth > 0,
    );
    if (video === undefined) return undefined;
    return new Promise<{ luma: number[]; atMs: number }>((resolve) => {
      video.requestVideoFrameCallback(() => {
        const atMs = Date.now();
        const canvas = new OffscreenCanvas(160, 90);
        const context = canvas.getContext('2d');
        context?.drawImage(video, 0, 0, 160, 90);
        const luma = Array.from({ length: 16 }, (_, block) => {
          const [red = 0, green = 0, blue = 0] = context?.getImageData(block * 10 + 5, 87, 1, 1).data ?? [];
          return 0.299 * red + 0.587 * green + 0.114 * blue;
        });
        resolve({ luma, atMs });
      });
    });
  }, elementId);
  const strip = seen === undefined ? undefined : readFrameStrip(seen.luma);
  return strip === undefined || seen === undefined ? undefined : { frame: strip.frame, atMs: seen.atMs };
}

/** How far the picture on screen is behind the camera, ms, by the number burnt into it. */
export async function behindCamera(
  page: Page,
  elementId: string,
  demo: Pick<Demo, 'simulator'>,
  camera: number,
  profile: 'main' | 'sub',
): Promise<number> {
  return eventually('a readable frame number', async () => {
    const seen = await frameOnScreen(page, elementId);
    if (seen === undefined) return undefined;
    const timeline = await demo.simulator<Record<string, { recent: { frame: number; sentAtMs: number }[] }>>(
      'GET',
      `/cameras/${camera}/timeline`,
    );
    const sent = timeline[profile]?.recent
      .filter((entry) => entry.frame === seen.frame && entry.sentAtMs <= seen.atMs)
      .at(-1);
    return sent === undefined ? undefined : seen.atMs - sent.sentAtMs;
  });
}

export interface Joined {
  readonly ms: number;
  readonly protocol: string;
  readonly timeline: Record<string, number | null>;
}

/** Puts a player into the page, plays, and answers its `firstframe`; it stays until `removePlayer`. */
export function joinPlayer(
  page: Page,
  id: string,
  cameraId: string,
  options: { profile?: 'main' | 'sub'; protocol?: 'webrtc' | 'hls' } = {},
): Promise<Joined> {
  return page.evaluate(
    ({ id, cameraId, profile, protocol }) =>
      new Promise<Joined>((resolve, reject) => {
        const player = document.createElement('vedette-player') as HTMLElement & { play(): void };
        player.id = id;
        player.setAttribute('camera', cameraId);
        if (profile !== undefined) player.setAttribute('profile', profile);
        if (protocol !== undefined) player.setAttribute('protocol', protocol);
        player.style.cssText = 'position:fixed;inset:auto 0 0 auto;width:320px;height:180px;z-index:99';
        player.addEventListener('firstframe', (event) => resolve((event as CustomEvent<Joined>).detail), {
          once: true,
        });
        setTimeout(() => reject(new Error('no first frame in 20 s')), 20_000);
        document.body.append(player);
        player.play();
      }),
    { id, cameraId, profile: options.profile, protocol: options.protocol },
  );
}

export function removePlayer(page: Page, id: string): Promise<void> {
  return page.evaluate((elementId) => document.getElementById(elementId)?.remove(), id);
}
