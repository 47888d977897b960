import type { Track } from '@vedette/media-types';
import { audioSampleEntry } from './audio-sample-entry.ts';
import { box, fullBox, text, u16, u32, zeros } from './box.ts';
import { videoSampleEntry } from './video-sample-entry.ts';

const IDENTITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** ISO 639-2 "und", three letters of five bits. */
const UNDETERMINED = 0x55c4;
const MOVIE_TIMESCALE = 1000;

/** True for what browsers play from fragmented MP4; G.711 needs transcoding first, AAC its configuration. */
export function canPackage(track: Track): boolean {
  if (track.kind === 'video') return true;
  if (track.codec === 'aac') return track.config !== undefined && track.config.byteLength >= 2;
  return track.codec === 'opus' || track.codec === 'mp3';
}

/**
 * `ftyp` and `moov` for the tracks, numbered 1, 2, … in the order given; every track keeps its own clock as its
 * timescale. Each must pass `canPackage`; throws TypeError otherwise.
 */
export function initSegment(tracks: readonly Track[]): Buffer {
  return Buffer.concat([
    box('ftyp', text('iso5'), u32(512), text('iso5'), text('iso6'), text('mp41')),
    box(
      'moov',
      fullBox(
        'mvhd',
        0,
        0,
        u32(0, 0, MOVIE_TIMESCALE, 0, 0x10000),
        u16(0x0100),
        zeros(10),
        IDENTITY_MATRIX,
        zeros(24),
        u32(tracks.length + 1),
      ),
      ...tracks.map((track, i) => trackBox(track, i + 1)),
      box('mvex', ...tracks.map((_, i) => fullBox('trex', 0, 0, u32(i + 1, 1, 0, 0, 0)))),
    ),
  ]);
}

function trackBox(track: Track, id: number): Buffer {
  const video = track.kind === 'video';
  return box(
    'trak',
    fullBox(
      'tkhd',
      0,
      3, // enabled, in movie
      u32(0, 0, id, 0, 0),
      zeros(8),
      u16(0, 0, video ? 0 : 0x0100, 0),
      IDENTITY_MATRIX,
      u32(video ? track.width * 0x10000 : 0, video ? track.height * 0x10000 : 0),
    ),
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, track.clockRate, 0), u16(UNDETERMINED, 0)),
      fullBox(
        'hdlr',
        0,
        0,
        u32(0),
        text(video ? 'vide' : 'soun'),
        zeros(12),
        text(video ? 'Video\0' : 'Audio\0'),
      ),
      box(
        'minf',
        video ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4)),
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        box(
          'stbl',
          fullBox('stsd', 0, 0, u32(1), video ? videoSampleEntry(track) : audioSampleEntry(track)),
          fullBox('stts', 0, 0, u32(0)),
          fullBox('stsc', 0, 0, u32(0)),
          fullBox('stsz', 0, 0, u32(0, 0)),
          fullBox('stco', 0, 0, u32(0)),
        ),
      ),
    ),
  );
}
