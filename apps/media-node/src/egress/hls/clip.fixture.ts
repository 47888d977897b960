import { readFileSync } from 'node:fs';
import {
  H264_NAL,
  h264NalType,
  parseH264Slice,
  parseH264Sps,
  splitAnnexB,
  toLengthPrefixed,
} from '@vedette/bitstream';
import type { EncodedFrame, FrameSink, VideoTrack } from '@vedette/media-types';

export interface Clip {
  readonly track: VideoTrack;
  readonly frameTicks: number;
  /** One turn; `frame(i)` goes on for ever. */
  readonly length: number;
  frame(index: number, wallClockMs: number): EncodedFrame;
}

interface AccessUnit {
  readonly key: boolean;
  readonly nals: Uint8Array[];
}

/** An Annex B H.264 file without B-frames as an endless camera; parameter sets before every key frame. */
export function readClip(file: string, framesPerSecond: number): Clip {
  const units: AccessUnit[] = [];
  let sps: Uint8Array | undefined;
  let pps: Uint8Array | undefined;
  for (const nal of splitAnnexB(readFileSync(file))) {
    const type = h264NalType(nal[0] ?? 0);
    if (type === H264_NAL.sps) sps = nal;
    else if (type === H264_NAL.pps) pps = nal;
    else if (type === H264_NAL.idr || type === H264_NAL.slice) {
      if (parseH264Slice(nal)?.firstMb === 0) units.push({ key: type === H264_NAL.idr, nals: [nal] });
      else units.at(-1)?.nals.push(nal);
    }
  }
  const facts = sps === undefined ? null : parseH264Sps(sps);
  if (sps === undefined || pps === undefined || facts === null) throw new Error(`${file} is no H.264 clip`);
  const sets = toLengthPrefixed([sps, pps]);
  const data = units.map((unit) =>
    unit.key ? Buffer.concat([sets, toLengthPrefixed(unit.nals)]) : toLengthPrefixed(unit.nals),
  );
  const frameTicks = 90_000 / framesPerSecond;
  return {
    track: {
      kind: 'video',
      id: 7,
      codec: 'h264',
      clockRate: 90_000,
      parameterSets: { sps, pps },
      width: facts.width,
      height: facts.height,
    },
    frameTicks,
    length: units.length,
    frame(index, wallClockMs) {
      const at = index % units.length;
      const key = units[at]?.key === true;
      const dtsTicks = Math.round(index * frameTicks);
      return {
        trackId: 7,
        kind: 'video',
        dtsTicks,
        ptsTicks: dtsTicks,
        key,
        data: data[at] ?? new Uint8Array(0),
        parameterSetBytes: key ? sets.byteLength : 0,
        wallClockMs,
      };
    },
  };
}

/** Plays the clip into the sink in real time from now on; the returned function stops it. */
export function playClip(clip: Clip, sink: FrameSink): () => void {
  const startMs = performance.now();
  const wallStartMs = Date.now();
  const frameMs = (clip.frameTicks * 1000) / clip.track.clockRate;
  let next = 0;
  let timer: NodeJS.Timeout | undefined;
  sink.tracks([clip.track]);
  const step = () => {
    while (performance.now() - startMs >= next * frameMs) {
      sink.frame(clip.frame(next, wallStartMs + next * frameMs));
      next += 1;
    }
    timer = setTimeout(step, Math.max(0, startMs + next * frameMs - performance.now()));
  };
  step();
  return () => clearTimeout(timer);
}
