// Many players of one process, as the windows of one browser: one bearer, one line of events, what one learns about the
// network all know. Everything that a player decides is the product's own code; only the picture is counted, not drawn.
import { CameraId, type ProfileName, type SessionId } from '@vedette/contracts';
import { EventLink } from '@vedette/player/event-link';
import {
  bearerApi,
  browserClock,
  createPlayerEnvironment,
  type PlayerEnvironment,
  type PlayerStatus,
  VedettePlayer,
} from '@vedette/player/headless';
import { HeadlessLane } from './headless-lane.ts';
import { type PictureGap, PictureGaps } from './picture-gaps.ts';

export interface CrowdOptions {
  readonly controlUrl: string;
  readonly token: string;
  /** One viewer each, in this order; a camera may come again. */
  readonly cameras: readonly string[];
  readonly profile: ProfileName;
  readonly bindAddress: string;
  /** A pause between pictures that is longer is told. */
  readonly gapMs: number;
  readonly onGap: (gap: PictureGap & { readonly viewer: number; readonly cameraId: string }) => void;
  readonly onView: (view: { readonly viewer: number; readonly sessionId: SessionId }) => void;
  readonly onStatus: (viewer: number, status: PlayerStatus) => void;
}

export interface CrowdSummary {
  readonly viewers: number;
  /** Numbers of those without a picture now. */
  readonly dark: readonly number[];
  /** How many players are in each state. */
  readonly states: Readonly<Record<string, number>>;
  readonly eventsConnected: boolean;
}

interface Member {
  readonly player: VedettePlayer;
  readonly gaps: PictureGaps;
}

const CAPABILITIES = { webrtc: true, hls: false, h264: true, h265: false };

export class ViewerCrowd {
  readonly #options: CrowdOptions;
  readonly #environment: PlayerEnvironment;
  readonly #events: EventLink;
  readonly #members: readonly Member[];
  #eventsConnected = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
    const { controlUrl, token } = options;
    const api = bearerApi(controlUrl, token);
    this.#environment = {
      ...createPlayerEnvironment({ api }),
      capabilities: () => CAPABILITIES,
      hidden: () => false,
    };
    this.#events = new EventLink({
      fetch: (path, init) => api.fetch(String(path), init ?? {}),
      publish: (message) => {
        if (message.kind === 'status') this.#eventsConnected = message.status === 'connected';
        else for (const { player } of this.#members) player.handleServerEvent(message.event);
      },
      setTimer: (callback, ms) => browserClock.after(ms, callback),
      random: () => browserClock.random(),
    });
    this.#members = options.cameras.map((camera, viewer) => this.#member(CameraId.parse(camera), viewer));
  }

  play(): void {
    this.#events.connect();
    const wish = { profile: this.#options.profile, protocol: 'webrtc', audio: false } as const;
    for (const { player } of this.#members) player.play(wish);
  }

  stop(): void {
    for (const { player } of this.#members) player.stop();
    this.#events.close();
  }

  summary(): CrowdSummary {
    const nowMs = Date.now();
    const states: Record<string, number> = {};
    for (const { player } of this.#members) {
      const { state } = player.status;
      states[state] = (states[state] ?? 0) + 1;
    }
    return {
      viewers: this.#members.length,
      dark: this.#members.flatMap(({ gaps }, viewer) => (gaps.isDark(nowMs) ? [viewer] : [])),
      states,
      eventsConnected: this.#eventsConnected,
    };
  }

  #member(cameraId: CameraId, viewer: number): Member {
    const { bindAddress, gapMs, onGap, onStatus, onView } = this.#options;
    const gaps = new PictureGaps({ longerThanMs: gapMs });
    const onPicture = (): void => {
      const gap = gaps.picture(Date.now());
      if (gap !== undefined) onGap({ ...gap, viewer, cameraId });
    };
    let toldView: SessionId | null = null;
    const player = new VedettePlayer({
      cameraId,
      environment: this.#environment,
      stage: { setStale: () => undefined },
      createLane: (lane) =>
        new HeadlessLane({ ...lane, bindAddress, now: () => browserClock.now(), onPicture }),
      describe: () => ({ capabilities: CAPABILITIES, tile: { width: 320, height: 180 } }),
      inView: () => true,
      emit: (name, detail) => {
        if (name !== 'statechange') return;
        const status = detail as PlayerStatus;
        onStatus(viewer, status);
        if (status.sessionId === null || status.sessionId === toldView) return;
        toldView = status.sessionId;
        onView({ viewer, sessionId: status.sessionId });
      },
    });
    return { player, gaps };
  }
}
