import type { Readable, Writable } from 'node:stream';
import type { Progress } from './progress-reader.ts';

/** One run of FFmpeg. */
export interface FfmpegJob {
  /** What it does, for logs: `rendition`, `file`, … */
  readonly name: string;
  /**
   * After the options that every job has. Nothing in here may be a secret: everybody on the machine can read it.
   * Nothing a user wrote may stand where an option could.
   */
  readonly args: readonly string[];
  /** `none`: FFmpeg gets no input. `script`: this text, then the end. `pipe`: the streams of `onStarted`. */
  readonly stdin:
    | { readonly kind: 'none' }
    | { readonly kind: 'script'; readonly text: string }
    | { readonly kind: 'pipe' };
  /** An open file that FFmpeg finds as `/proc/self/fd/4` (Linux) or `/dev/fd/4`. */
  readonly fileDescriptor?: number;
  /** Masked wherever its words are shown. */
  readonly secrets?: readonly string[];
  /** Also tells warnings to `onErrorLine`. */
  readonly warnings?: boolean;
  /**
   * Killed when its media time stands still for so long, ms. `from` tells from when on: its start, or the first
   * progress (a listener waits for its publisher as long as it takes). Null: whoever feeds it looks after it.
   */
  readonly stall: { readonly ms: number; readonly from: 'start' | 'first-progress' } | null;
  /** No place is free; called at most once. */
  readonly onQueued?: () => void;
  readonly onStarted?: (running: RunningFfmpeg) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Each line it says, which may hold a secret. */
  readonly onErrorLine?: (line: string) => void;
}

export interface RunningFfmpeg {
  readonly pid: number;
  /** With `stdin` of kind `pipe` only; null otherwise. Errors of both are listened for already. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
}
