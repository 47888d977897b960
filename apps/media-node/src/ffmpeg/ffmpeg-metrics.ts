import type { Metrics } from '@vedette/runtime';
import { Gauge } from 'prom-client';
import type { FfmpegJobs } from './ffmpeg-jobs.ts';

/** Registers a gauge that reads the jobs at scrape. */
export function registerFfmpegMetrics(registry: Metrics, jobs: Pick<FfmpegJobs, 'load'>): void {
  new Gauge({
    name: 'vedette_ffmpeg_jobs',
    help: 'FFmpeg processes at work, and those that wait for a free place',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { running, queued } = jobs.load();
      this.set({ state: 'running' }, running);
      this.set({ state: 'queued' }, queued);
    },
  });
}
