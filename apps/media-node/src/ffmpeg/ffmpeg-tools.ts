// Everything that is made with FFmpeg on this node, around one gate of jobs. Opened and closed by the composition root.
import type { Clock, Log } from '@vedette/runtime';
import type { AudioRenditionPort } from '../hub/audio-rendition-port.ts';
import type { TranscodeVideo } from '../ingest/rtsp/transcode-video.ts';
import type { LoopbackPort } from '../loopback/loopback-port.ts';
import { AudioRenditions } from './audio/audio-renditions.ts';
import { FfmpegJobs } from './ffmpeg-jobs.ts';
import { H264Encoders } from './video/h264-encoders.ts';
import { createTranscodeVideo } from './video/transcode-video.ts';

export interface FfmpegToolsOptions {
  readonly ffmpegPath: string;
  readonly limit: number;
  readonly loopback: LoopbackPort;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export interface FfmpegTools {
  readonly jobs: FfmpegJobs;
  readonly encoders: H264Encoders;
  readonly loopback: LoopbackPort;
  readonly audio: AudioRenditionPort;
  readonly transcodeVideo: TranscodeVideo;
}

/** Looks for FFmpeg and its encoders at once, without waiting: what needs them waits, or says that they are missing. */
export function ffmpegTools(options: FfmpegToolsOptions): FfmpegTools {
  const { loopback, clock, random, log } = options;
  const jobs = new FfmpegJobs(options);
  const encoders = new H264Encoders({ jobs, clock, log });
  const tools: FfmpegTools = {
    jobs,
    encoders,
    loopback,
    audio: new AudioRenditions({ jobs, clock, random, log }),
    transcodeVideo: createTranscodeVideo({ jobs, loopback, encoders }),
  };
  void lookAround(tools, log);
  return tools;
}

async function lookAround({ jobs, encoders }: FfmpegTools, log: Log): Promise<void> {
  try {
    const encoder = await encoders.choose();
    const version = await jobs.version();
    log.info({ version, encoder: encoder.name, watchedBy: await jobs.watchedBy() }, 'FFmpeg is there');
  } catch (err) {
    log.warn({ err }, 'there is no FFmpeg that can be used: sources and ways out that need it will say so');
  }
}
