// Starts one endless FFmpeg job, prints its process id, and waits to be killed.
import { silentLog, systemClock } from '@vedette/runtime';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';

const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 1, clock: systemClock, log: silentLog() });
await jobs.run(
  {
    name: 'test',
    args: ['-re', '-f', 'lavfi', '-i', 'anullsrc', '-f', 'null', '-'],
    stdin: { kind: 'none' },
    stall: null,
    onStarted: ({ pid }) => console.log(pid),
  },
  new AbortController().signal,
);
