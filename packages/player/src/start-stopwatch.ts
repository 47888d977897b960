import type { StartTimeline } from './start-timeline.ts';

type Step = keyof StartTimeline;

/** Notes when each step of one start was over; the first time counts. */
export class StartStopwatch {
  readonly #begunAtMs: number;
  readonly #now: () => number;
  readonly #steps = new Map<Step, number>();

  constructor(options: { readonly begunAtMs: number; readonly now: () => number }) {
    this.#begunAtMs = options.begunAtMs;
    this.#now = options.now;
  }

  /** Milliseconds since the begin. */
  note(step: Step): number {
    const ms = this.#steps.get(step) ?? this.#now() - this.#begunAtMs;
    this.#steps.set(step, ms);
    return ms;
  }

  get timeline(): StartTimeline {
    const at = (step: Step): number | null => this.#steps.get(step) ?? null;
    return {
      startAnswerMs: at('startAnswerMs'),
      offerMs: at('offerMs'),
      answerMs: at('answerMs'),
      iceMs: at('iceMs'),
      connectedMs: at('connectedMs'),
      playlistMs: at('playlistMs'),
      firstFrameMs: at('firstFrameMs'),
    };
  }
}
