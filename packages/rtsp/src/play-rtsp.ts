// A camera's address in; its video and audio packets out, until it is closed.
// Not its job: retries, frames, and who may be dialled (the dial function decides).
import type { Socket } from 'node:net';
import type { CertificateCheck } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { ChosenMedia, MediaKind } from './choose-media.ts';
import type { MediaTaker } from './media-lane.ts';
import { type AttemptOutcome, PlayAttempt } from './play-attempt.ts';
import { RtspError } from './rtsp-error.ts';

/** Opens a TCP connection to where a source may be; throws RtspError `source_not_allowed` where not. */
export type Dial = (host: string, port: number, signal: AbortSignal) => Promise<Socket>;

export interface PlayOptions extends MediaTaker {
  /** rtsp:// or rtsps://host[:port]/path, without credentials. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /**
   * Of rtsps:// never UDP, which would not be secret. `http`: all through a tunnel, whose port is 80 or 443 where the
   * address names none.
   */
  readonly transport: 'tcp' | 'udp' | 'http';
  /** For rtsps://; by authorities when absent. */
  readonly certificate?: CertificateCheck | undefined;
  /** Video of a codec that is not played is taken as well, where there is none that is. */
  readonly anyVideo?: boolean;
  readonly dial: Dial;
  readonly clock: Clock;
  /** Aborts opening, with a goodbye to a camera that has set up a session; once open, `close` ends it. */
  readonly signal: AbortSignal;
  /**
   * Called once the media are set up, before their first packet; again when the camera is tried in another way.
   * `unordered` when they come by UDP.
   */
  readonly onMedia: (media: ChosenMedia, unordered: boolean) => void;
}

export interface RtspPlayback {
  readonly media: ChosenMedia;
  /** Resolves with why, when the camera or the network ended it. Never rejects. */
  readonly ended: Promise<RtspError>;
  sendRtcp(kind: MediaKind, data: Uint8Array): void;
  /** TEARDOWN, bounded by a second, then the connection is dropped. May be repeated. */
  close(): Promise<void>;
}

const MAX_REDIRECTS = 3;
const UDP_SILENCE_MS = 3000;

/**
 * Plays the first video and the first audio of a camera. Audio that the camera does not give is done without; UDP that
 * stays silent for three seconds is tried again over TCP. Throws RtspError.
 */
export async function playRtsp(options: PlayOptions): Promise<RtspPlayback> {
  const url = addressOf(options.url);
  const viaUdp =
    options.transport === 'udp' && url.protocol !== 'rtsps:' ? await playUdp(options, url) : undefined;
  // A fresh connection and a fresh DESCRIBE: some cameras (Hikvision) refuse another SETUP in the same session.
  return viaUdp ?? follow({ ...options, transport: options.transport === 'http' ? 'http' : 'tcp' }, url);
}

/** UniFi adds `?enableSrtp` to what it offers, and then encrypts what it sends: without it the connection is secret enough. */
function addressOf(text: string): URL {
  const url = new URL(text);
  if (url.protocol === 'rtsps:')
    url.search = url.search.replace(/([?&])enableSrtp\b[^&]*&?/i, '$1').replace(/[?&]$/, '');
  return url;
}

/** Undefined, and no session left behind, when the camera's media does not come by UDP. */
async function playUdp(options: PlayOptions, url: URL): Promise<RtspPlayback | undefined> {
  const { clock, signal } = options;
  const heard = Promise.withResolvers<true>();
  let lead: MediaKind = 'video';
  const onMedia: PlayOptions['onMedia'] = (media, unordered) => {
    lead = media.video === undefined ? 'audio' : 'video';
    options.onMedia(media, unordered);
  };
  const onRtp: MediaTaker['onRtp'] = (kind, data) => {
    // Small packets of sound come through where the large ones of a picture are lost.
    if (kind === lead) heard.resolve(true);
    options.onRtp(kind, data);
  };
  const playback = await follow({ ...options, onMedia, onRtp }, url).catch(unlessUdpRefused);
  if (playback === undefined) return undefined;
  const over = new AbortController();
  try {
    const silence = clock.sleep(UDP_SILENCE_MS, AbortSignal.any([signal, over.signal]));
    if ((await Promise.race([heard.promise, silence, playback.ended])) === true) return playback;
  } catch (error) {
    await playback.close();
    throw error;
  } finally {
    over.abort();
  }
  await playback.close();
  return undefined;
}

/** 461, TCP answered, no free port here: all that SETUP fails with but a camera without room for us. */
function unlessUdpRefused(error: unknown): undefined {
  const isRefused =
    error instanceof RtspError &&
    error.step === 'setup' &&
    (error.code === 'camera_protocol_error' || error.code === 'camera_refused');
  if (!isRefused) throw error;
}

/** Goes where the camera sends us, and once more without audio when that was too much for it. */
async function follow(options: PlayOptions, url: URL): Promise<RtspPlayback> {
  let at = url;
  let credentials = { username: options.username, password: options.password };
  let withAudio = true;
  for (let hops = 0; hops <= MAX_REDIRECTS; ) {
    const outcome: AttemptOutcome = await new PlayAttempt(
      { ...options, ...credentials, withAudio },
      at,
    ).play();
    if (outcome.kind === 'playing') return outcome.playback;
    if (outcome.kind === 'audio-refused') {
      withAudio = false;
      continue;
    }
    if (outcome.to.hostname !== at.hostname) credentials = { username: undefined, password: undefined };
    at = outcome.to;
    hops += 1;
  }
  throw new RtspError('camera_protocol_error', 'describe', 'The camera redirects without end.');
}
