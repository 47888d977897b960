// Enters: a grant. Leaves: pictures counted instead of drawn, and the player's own words for what happened.
// The connection of a player that has no screen: WHEP only, and the same stall watchdog as in a browser.
import {
  type Grant,
  isUnfit,
  type LaneFailure,
  type PictureLane,
  type PictureLaneOptions,
  type PlayerStats,
  problemOf,
  StallWatchdog,
} from '@vedette/player/headless';
import { WhepRefused, WhepViewer } from './whep-viewer.ts';

export interface HeadlessLaneOptions extends PictureLaneOptions {
  readonly bindAddress: string;
  readonly now: () => number;
  /** A picture came over this connection. */
  readonly onPicture: () => void;
}

const ANSWER_WITHIN_MS = 8000;
const REFUSALS: readonly number[] = [401, 403, 404, 410];

export class HeadlessLane implements PictureLane {
  readonly stopwatch: PictureLaneOptions['stopwatch'];
  readonly video = null;
  readonly hasSound = false;
  readonly #options: HeadlessLaneOptions;
  readonly #abort = new AbortController();
  #viewer: WhepViewer | undefined;
  #watchdog: StallWatchdog | undefined;
  #pictures = 0;
  #connected = false;
  #failed = false;

  constructor(options: HeadlessLaneOptions) {
    this.#options = options;
    this.stopwatch = options.stopwatch;
  }

  get lastPictureMs(): number | null {
    return this.#watchdog?.newsMs ?? null;
  }

  prepare(): void {}

  open(grant: Grant): void {
    this.#open(grant).catch(() => this.#fail('broken', 'media_unreachable'));
  }

  renewed(): void {}

  show(): void {}

  watch(frozenSinceMs: number | null): void {
    this.#watchdog ??= new StallWatchdog({ ...this.#sample(), frozenSinceMs });
  }

  tick(): void {
    const verdict = this.#watchdog?.sample(this.#sample());
    if (verdict === undefined || verdict === 'same') return;
    this.#options.tell({ type: verdict, lane: this.#options.id });
  }

  async stats(): Promise<Omit<PlayerStats, 'protocol' | 'profile'>> {
    return {
      codec: 'h264',
      audioCodec: null,
      width: null,
      height: null,
      framesPerSecond: null,
      bitsPerSecond: null,
      framesDropped: null,
      packetsLost: this.#viewer?.counts.lost ?? 0,
      jitterMs: null,
      rttMs: null,
      latencyMs: null,
    };
  }

  close(goodbye: boolean): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    void this.#viewer?.close(goodbye ? 'politely' : 'silently');
  }

  async #open(grant: Grant): Promise<void> {
    const { signal } = this.#abort;
    const { bindAddress, id, tell } = this.#options;
    const { token, url } = grant;
    try {
      const viewer = await WhepViewer.open({
        url,
        token,
        bindAddress,
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
        onPicture: this.#onPicture,
        onState: this.#onState,
      });
      this.#viewer = viewer;
      if (signal.aborted) return await viewer.close('silently');
      this.stopwatch.note('answerMs');
      if (!this.#connected) tell({ type: 'answered', lane: id, doubtful: false });
    } catch (error) {
      if (!(error instanceof WhepRefused)) throw error;
      const { code, retryAfterMs } = await problemOf(error.response, 'media_unreachable');
      const refused = REFUSALS.includes(error.response.status);
      this.#fail(isUnfit(code) ? 'unfit' : refused ? 'refused' : 'broken', code, retryAfterMs);
    }
  }

  readonly #onPicture = (): void => {
    if (this.#abort.signal.aborted) return;
    this.#pictures += 1;
    if (this.#pictures === 1) {
      this.stopwatch.note('firstFrameMs');
      this.#options.tell({ type: 'first_frame', lane: this.#options.id });
    }
    this.#options.onPicture();
  };

  readonly #onState = (state: string): void => {
    if (this.#abort.signal.aborted) return;
    if (state === 'connected' && !this.#connected) {
      this.#connected = true;
      this.stopwatch.note('connectedMs');
      this.#options.tell({ type: 'connected', lane: this.#options.id });
    } else if (state === 'failed' || state === 'closed') {
      this.#fail(this.#connected || state === 'closed' ? 'broken' : 'no-path', 'media_unreachable');
    }
  };

  #fail(kind: LaneFailure['kind'], code: LaneFailure['code'], retryAfterMs = 0): void {
    if (this.#abort.signal.aborted || this.#failed) return;
    this.#failed = true;
    this.#options.tell({ type: 'failed', lane: this.#options.id, failure: { kind, code, retryAfterMs } });
  }

  #sample() {
    return { nowMs: this.#options.now(), frames: this.#pictures, hidden: false };
  }
}
