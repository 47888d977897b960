// Enters: an address that is safe to open, of a file or something like it. Leaves: its frames, in real time.
// Shared by files on disk and files behind HTTP. Not its job: whether the address may be opened.
import type { FrameSink } from '@vedette/media-types';
import { SourceError } from '../ingest/source-error.ts';
import type { FfmpegJobs } from './ffmpeg-jobs.ts';
import { FORMAT_WHITELIST, type MediaPlan, PROBE_ARGUMENTS, planMedia } from './media-plan.ts';
import type { PublishedJob } from './published-job.ts';
import { h264Arguments } from './video/h264-encoder.ts';
import type { H264Encoders } from './video/h264-encoders.ts';

export interface PlayMediaOptions {
  readonly jobs: Pick<FfmpegJobs, 'probe'>;
  readonly encoders: Pick<H264Encoders, 'choose' | 'failed'>;
  readonly job: PublishedJob;
  readonly name: 'file' | 'http';
  /** Begins with a protocol, so that it can be no option; holds no secret. */
  readonly address: string;
  /** Opening it needs these and nothing else. */
  readonly protocols: string;
  readonly fileDescriptor?: number;
  readonly loop: boolean;
  readonly sink: FrameSink;
  readonly signal: AbortSignal;
}

/** Played in real time, a long file outlasts the patience of some servers. */
const RECONNECTING = ['-reconnect', '1', '-reconnect_delay_max', '4'];
const STALL_MS = 10_000;
/** What is larger in one dimension is made smaller when it has to be encoded anyway. */
const ENCODED = { height: 1080, frameRate: 30, bitsPerSecond: 4_000_000 };

/**
 * Resolves when the signal aborted.
 * @throws SourceError `source_ended` when it was played once
 */
export async function playMedia(options: PlayMediaOptions): Promise<void> {
  const { jobs, encoders, job, name, address, protocols, fileDescriptor, loop, sink, signal } = options;
  const allowed = ['-protocol_whitelist', protocols];
  const probed = await jobs.probe([...allowed, ...PROBE_ARGUMENTS, address], fileDescriptor, signal);
  if (signal.aborted) return;
  const plan = planMedia(probed);
  const encoder = plan.video !== undefined && !plan.video.copy ? await encoders.choose() : undefined;
  try {
    await job.run(
      {
        name,
        args: [
          ...(encoder?.device ?? []),
          ...allowed,
          ...['-format_whitelist', FORMAT_WHITELIST, '-f', plan.format],
          ...(name === 'http' ? RECONNECTING : []),
          ...['-re', ...(loop ? ['-stream_loop', '-1'] : []), '-i', address],
          ...codecs(plan, encoder === undefined ? [] : h264Arguments(encoder, ENCODED)),
        ],
        stdin: { kind: 'none' },
        ...(fileDescriptor === undefined ? {} : { fileDescriptor }),
        stall: { ms: STALL_MS, from: 'start' },
      },
      sink,
      signal,
    );
  } catch (error) {
    if (encoder !== undefined) encoders.failed(encoder, error);
    throw error;
  }
  if (signal.aborted) return;
  // What is to be looped and ends was live, or could not be wound back: it is opened anew.
  if (loop) throw new SourceError('ffmpeg_failed', 'read', 'The source ended, and is opened again.');
  throw new SourceError('source_ended', 'read', 'The source was played to its end.');
}

function codecs({ video, audio }: MediaPlan, encoding: readonly string[]): readonly string[] {
  return [
    ...(video === undefined ? [] : ['-map', `0:${video.index}`]),
    ...(audio === undefined ? [] : ['-map', `0:${audio.index}`]),
    ...(video === undefined ? [] : video.copy ? ['-c:v', 'copy'] : encoding),
    ...(audio === undefined
      ? []
      : audio.copy
        ? ['-c:a', 'copy']
        : ['-c:a', 'aac', '-b:a', '128k', '-ac', '2']),
  ];
}
