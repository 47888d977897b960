// What tests do again and again with a running demo: start views, watch without a browser, read a camera's counts.
import type { StartAnswer } from '@vedette/contracts';
import { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import type { Demo } from './demo.ts';
import { eventually } from './eventually.ts';

export interface ListedCamera {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly viewers: number;
}

interface ProfileCounts {
  readonly play: number;
  readonly teardown: number;
  readonly playing: number;
  readonly maxPlaying: number;
  readonly lastTeardownAtMs: number | null;
}

export interface CameraCounts {
  readonly connectionsOpen: number;
  readonly connectionsTotal: number;
  readonly connectionsMost: number;
  readonly profiles: { readonly main: ProfileCounts; readonly sub: ProfileCounts };
}

export async function cameras(demo: Demo): Promise<readonly ListedCamera[]> {
  const { items } = await demo.api<{ items: ListedCamera[] }>('GET', '/cameras?limit=200');
  return items;
}

/** The camera that the simulator counts as number `index`, from 1. */
export async function cameraNumber(demo: Demo, index: number): Promise<ListedCamera> {
  const { items } = await demo.simulator<{ items: { index: number; name: string }[] }>('GET', '/cameras');
  const name = items.find((camera) => camera.index === index)?.name;
  const camera = (await cameras(demo)).find((listed) => listed.name === name);
  if (camera === undefined) throw new Error(`camera ${index} is not listed`);
  return camera;
}

export async function counts(demo: Demo, index: number): Promise<CameraCounts> {
  return (await demo.simulator<{ counts: CameraCounts }>('GET', `/cameras/${index}`)).counts;
}

export function start(
  demo: Demo,
  cameraId: string,
  body: object = {},
  protocol = 'webrtc',
): Promise<StartAnswer> {
  return demo.api<StartAnswer>('POST', `/streams/${cameraId}/start?protocol=${protocol}`, body);
}

export function open(answer: StartAnswer): Promise<WhepViewer> {
  return WhepViewer.open({ url: answer.url, token: answer.token });
}

/** A viewer that has pictures. */
export async function watch(demo: Demo, cameraId: string): Promise<WhepViewer> {
  const viewer = await open(await start(demo, cameraId));
  await eventually('the first picture', () => viewer.counts.keyFrames > 0);
  return viewer;
}

/** Resolves once `viewer` got more pictures than it has now. */
export async function newPictures(viewer: WhepViewer, withinMs: number): Promise<void> {
  const before = viewer.counts.frames;
  await eventually('new pictures', () => viewer.counts.frames >= before + 5, { withinMs });
}

/** How long every camera is still pulled after its last viewer: less than the product's 15 s where a test waits for it. */
export async function leaveAloneAfter(demo: Demo, seconds: number): Promise<void> {
  for (const { id } of await cameras(demo))
    await demo.api('PATCH', `/cameras/${id}`, { idleTtlSeconds: seconds });
}
