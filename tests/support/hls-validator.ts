// Every version of a live playlist in, with its media; what breaks RFC 8216bis or Apple's authoring rules out.
// Only what can be told from the bytes: not how it looks, not what a CDN does.
import { findBoxes, parseBoxes, parseFragments } from '@vedette/fmp4/testing';
import {
  attribute,
  type ListedPart,
  type ListedPlaylist,
  type ListedSegment,
  readMediaPlaylist,
} from './hls-playlist.ts';

export interface HlsValidatorOptions {
  /** Bytes of a URI as the playlist has it; undefined where there is nothing. */
  readonly media: (uri: string) => Buffer | undefined;
}

interface Track {
  readonly timescale: number;
  readonly kind: 'video' | 'audio';
}

const CONSTANT = ['EXT-X-VERSION', 'EXT-X-TARGETDURATION', 'EXT-X-SERVER-CONTROL', 'EXT-X-PART-INF'];
/** Durations are written with five decimals. */
const ROUNDING = 2e-5;
const SHORTEST_PART = 0.85;
const HEAD =
  /^#EXT(M3U|-X-(VERSION|TARGETDURATION|INDEPENDENT-SEGMENTS|SERVER-CONTROL|PART-INF|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|SKIP))/;

export class HlsValidator {
  readonly problems: string[] = [];
  readonly #media: HlsValidatorOptions['media'];
  readonly #inits = new Map<string, ReadonlyMap<number, Track>>();
  readonly #seenParts = new Set<string>();
  readonly #segments = new Map<number, ListedSegment>();
  /** Ticks at which each track went on, since the last discontinuity. */
  #ends = new Map<number, number>();
  #lastSequenceNumber = 0;
  #previous: ListedPlaylist | undefined;

  constructor(options: HlsValidatorOptions) {
    this.#media = options.media;
  }

  /** A later version of the playlist, and its delta update asked for at the same moment. */
  see(text: string, deltaText: string): void {
    const playlist = readMediaPlaylist(text);
    this.#header(playlist);
    this.#order(playlist);
    this.#list(playlist);
    this.#advance(playlist);
    this.#delta(playlist, readMediaPlaylist(deltaText));
    for (const segment of playlist.segments) this.#segment(segment, playlist);
    this.#previous = playlist;
  }

  /** CODECS against the sample entries that the media declares. */
  seeMultivariant(text: string): void {
    for (const line of text.split('\n')) {
      if (!line.startsWith('#EXT-X-STREAM-INF:')) continue;
      const value = line.slice(line.indexOf(':') + 1);
      const codecs = (attribute(value, 'CODECS') ?? '').split(',').map((codec) => codec.split('.')[0]);
      const entries = [...this.#inits.keys()].flatMap((uri) => sampleEntries(this.#media(uri)));
      for (const entry of entries)
        this.#expect(codecs.includes(entry === 'Opus' ? 'opus' : entry), `CODECS lacks ${entry}`);
      const isPicture = entries.some((entry) => entry === 'avc1' || entry === 'hvc1');
      this.#expect(
        isPicture === (attribute(value, 'RESOLUTION') !== undefined),
        'RESOLUTION of pictures alone',
      );
      this.#expect(Number(attribute(value, 'BANDWIDTH')) > 0, 'BANDWIDTH is missing');
    }
  }

  #expect(holds: boolean, problem: string): void {
    if (!holds && !this.problems.includes(problem)) this.problems.push(problem);
  }

  #number(playlist: ListedPlaylist, tag: string, name: string): number {
    return Number(attribute(playlist.header.get(tag) ?? '', name));
  }

  #partTarget(playlist: ListedPlaylist): number {
    return this.#number(playlist, 'EXT-X-PART-INF', 'PART-TARGET');
  }

  #header(playlist: ListedPlaylist): void {
    const { header } = playlist;
    const target = Number(header.get('EXT-X-TARGETDURATION'));
    const control = (name: string) => this.#number(playlist, 'EXT-X-SERVER-CONTROL', name);
    this.#expect(Number(header.get('EXT-X-VERSION')) >= 9, 'VERSION is below 9');
    this.#expect(
      control('PART-HOLD-BACK') >= 3 * this.#partTarget(playlist) - ROUNDING,
      'PART-HOLD-BACK is too small',
    );
    this.#expect(control('HOLD-BACK') >= 3 * target, 'HOLD-BACK is too small');
    this.#expect(control('CAN-SKIP-UNTIL') >= 6 * target, 'CAN-SKIP-UNTIL is too small');
    this.#expect(
      attribute(header.get('EXT-X-SERVER-CONTROL') ?? '', 'CAN-BLOCK-RELOAD') === 'YES',
      'no blocking reload',
    );
    for (const tag of CONSTANT)
      this.#expect(
        this.#previous === undefined || this.#previous.header.get(tag) === header.get(tag),
        `${tag} changed while the stream lived`,
      );
  }

  #order(playlist: ListedPlaylist): void {
    const { lines, hints } = playlist;
    this.#expect(lines[0] === '#EXTM3U', 'EXTM3U is not the first line');
    const body = lines.findIndex((line) => !HEAD.test(line));
    this.#expect(
      !lines.slice(body).some((line) => HEAD.test(line)),
      'a tag of the playlist stands among segments',
    );
    this.#expect(
      hints.length === 1 &&
        lines
          .findLast((line) => !line.startsWith('#EXT-X-RENDITION-REPORT:'))
          ?.startsWith('#EXT-X-PRELOAD-HINT:TYPE=PART,') === true,
      'no hint at the end',
    );
    this.#expect(!lines.some((line) => /\d\.\d{6,}/.test(line)), 'a number has more than five decimals');
    for (const [i, line] of lines.entries())
      if (line.startsWith('#EXTINF:'))
        this.#expect(lines[i + 1]?.startsWith('#') === false, 'EXTINF without a URI');
  }

  #list(playlist: ListedPlaylist): void {
    const target = Number(playlist.header.get('EXT-X-TARGETDURATION'));
    const independent = playlist.header.has('EXT-X-INDEPENDENT-SEGMENTS');
    for (const segment of playlist.segments) {
      const { seconds, parts, map, programDateTime } = segment;
      this.#expect(map !== undefined, 'a segment without MAP');
      this.#expect(programDateTime !== undefined, 'a segment without PROGRAM-DATE-TIME');
      this.#expect(seconds === undefined || Math.round(seconds) <= target, 'EXTINF exceeds TARGETDURATION');
      this.#expect(
        parts.length === 0 || !independent || parts[0]?.independent === true,
        'a segment is not independent',
      );
      const sum = parts.reduce((total, part) => total + part.seconds, 0);
      if (seconds !== undefined && parts.length > 0)
        this.#expect(
          Math.abs(sum - seconds) < ROUNDING * (parts.length + 1),
          'parts do not make up their segment',
        );
      this.#parts(parts, segment, this.#partTarget(playlist));
    }
  }

  #parts(parts: readonly ListedPart[], segment: ListedSegment, partTarget: number): void {
    for (const [i, part] of parts.entries()) {
      this.#expect(part.seconds <= partTarget + ROUNDING, 'a part is longer than PART-TARGET');
      const isLast = i === parts.length - 1;
      if (!isLast) this.#expect(part.seconds >= SHORTEST_PART * partTarget - ROUNDING, `a part is too short`);
      else if (segment.seconds !== undefined) this.#expect(part.seconds > 0, 'a part lasts no time');
    }
  }

  #advance(playlist: ListedPlaylist): void {
    const before = this.#previous;
    if (before === undefined) return;
    this.#expect(playlist.mediaSequence >= before.mediaSequence, 'MEDIA-SEQUENCE went back');
    const gone = before.segments.filter((segment) => segment.sequence < playlist.mediaSequence);
    const counted = playlist.discontinuitySequence - before.discontinuitySequence;
    this.#expect(
      counted === gone.filter((segment) => segment.discontinuity).length,
      'DISCONTINUITY-SEQUENCE is wrong',
    );
    if (gone.length > 0) {
      const listed = playlist.segments.reduce((sum, segment) => sum + (segment.seconds ?? 0), 0);
      const target = Number(playlist.header.get('EXT-X-TARGETDURATION'));
      this.#expect(
        listed >= 3 * target - ROUNDING * playlist.segments.length,
        'segments left before three target durations were there',
      );
    }
    for (const segment of playlist.segments) {
      const same = before.segments.find((other) => other.sequence === segment.sequence);
      if (same === undefined) continue;
      this.#expect(
        same.map === segment.map && same.discontinuity === segment.discontinuity,
        'a segment changed',
      );
      this.#expect(
        same.seconds === undefined || (same.seconds === segment.seconds && same.uri === segment.uri),
        'a segment changed',
      );
      for (const [i, part] of segment.parts.entries())
        this.#expect(
          same.parts[i] === undefined || JSON.stringify(same.parts[i]) === JSON.stringify(part),
          'a part changed',
        );
    }
    const hint = before.hints[0];
    const uris = playlist.segments.flatMap((segment) => segment.parts.map((part) => part.uri));
    const known = new Set(before.segments.flatMap((segment) => segment.parts.map((part) => part.uri)));
    const next = uris.find((uri) => !known.has(uri));
    this.#expect(
      next === undefined || hint === undefined || next === hint,
      'the part that came is not the one hinted',
    );
  }

  #delta(full: ListedPlaylist, delta: ListedPlaylist): void {
    const until = this.#number(full, 'EXT-X-SERVER-CONTROL', 'CAN-SKIP-UNTIL');
    const kept = full.segments.slice(delta.skipped);
    this.#expect(delta.mediaSequence === full.mediaSequence, 'a delta update has another MEDIA-SEQUENCE');
    this.#expect(
      delta.discontinuitySequence === full.discontinuitySequence,
      'a delta update has another DISCONTINUITY-SEQUENCE',
    );
    // The MAP of what follows is repeated, so that the update stands by itself.
    this.#expect(
      JSON.stringify(delta.segments) === JSON.stringify(kept),
      'a delta update differs from the playlist',
    );
    this.#expect(delta.hints.join() === full.hints.join(), 'a delta update has another hint');
    const seconds = (segments: readonly ListedSegment[]) =>
      segments.reduce(
        (sum, { seconds: whole, parts }) =>
          sum + (whole ?? parts.reduce((all, part) => all + part.seconds, 0)),
        0,
      );
    this.#expect(
      delta.skipped === 0 || seconds(kept) >= until - ROUNDING,
      'a delta update skips what is too near',
    );
  }

  #segment(segment: ListedSegment, playlist: ListedPlaylist): void {
    const { map, sequence } = segment;
    if (map === undefined) return;
    if (!this.#inits.has(map)) this.#inits.set(map, tracksOf(this.#media(map)));
    if (segment.discontinuity && !this.#segments.has(sequence)) this.#ends = new Map();
    for (const part of segment.parts) {
      if (this.#seenParts.has(part.uri)) continue;
      this.#seenParts.add(part.uri);
      this.#part(part, this.#inits.get(map) ?? new Map());
    }
    const before = this.#segments.get(sequence);
    this.#segments.set(sequence, segment);
    if (segment.uri === undefined || before?.uri !== undefined) return;
    const bytes = this.#media(segment.uri);
    this.#expect(bytes !== undefined, 'a listed segment cannot be fetched');
    if (bytes !== undefined) this.#whole(segment, bytes, this.#inits.get(map) ?? new Map());
    void playlist;
  }

  #part(part: ListedPart, tracks: ReadonlyMap<number, Track>): void {
    const bytes = this.#media(part.uri);
    if (bytes === undefined) {
      this.#expect(false, 'a listed part cannot be fetched');
      return;
    }
    for (const fragment of parseFragments(bytes)) {
      this.#expect(fragment.sequence > this.#lastSequenceNumber, 'fragment sequence numbers do not rise');
      this.#lastSequenceNumber = fragment.sequence;
      for (const run of fragment.tracks) {
        const track = tracks.get(run.id);
        const lasts = run.samples.reduce((sum, sample) => sum + sample.durationTicks, 0);
        const end = this.#ends.get(run.id);
        this.#expect(track !== undefined, 'a track that the MAP does not know');
        this.#expect(
          end === undefined || run.decodeTicks === end,
          `decode times of track ${run.id} do not join`,
        );
        this.#ends.set(run.id, run.decodeTicks + lasts);
        if (track === undefined || run !== fragment.tracks[0]) continue;
        this.#expect(
          Math.abs(lasts / track.timescale - part.seconds) < ROUNDING,
          'a part is not as long as it says',
        );
        this.#expect((run.samples[0]?.key === true) === part.independent, 'INDEPENDENT is wrong');
      }
    }
  }

  /** A segment plays from where its parts do for as long as it says. */
  #whole(segment: ListedSegment, bytes: Buffer, tracks: ReadonlyMap<number, Track>): void {
    const runs = parseFragments(bytes).flatMap((fragment) => fragment.tracks.slice(0, 1));
    const first = runs[0];
    const track = first === undefined ? undefined : tracks.get(first.id);
    if (first === undefined || track === undefined) {
      this.#expect(false, 'a segment without media');
      return;
    }
    const ticks = runs.reduce(
      (sum, run) => sum + run.samples.reduce((all, one) => all + one.durationTicks, 0),
      0,
    );
    const slack = ROUNDING * (segment.parts.length + 1);
    this.#expect(
      Math.abs(ticks / track.timescale - (segment.seconds ?? 0)) < slack,
      'a segment is not as long as it says',
    );
    const firstPart = segment.parts[0] === undefined ? undefined : this.#media(segment.parts[0].uri);
    const partRun = firstPart === undefined ? undefined : parseFragments(firstPart)[0]?.tracks[0];
    this.#expect(
      partRun === undefined || partRun.decodeTicks === first.decodeTicks,
      'a segment begins elsewhere than its parts',
    );
  }
}

function tracksOf(init: Buffer | undefined): ReadonlyMap<number, Track> {
  const tracks = new Map<number, Track>();
  for (const trak of findBoxes(parseBoxes(init ?? Buffer.alloc(0)), 'moov/trak')) {
    const id = findBoxes(trak.children, 'tkhd')[0]?.body.readUInt32BE(12) ?? 0;
    const timescale = findBoxes(trak.children, 'mdia/mdhd')[0]?.body.readUInt32BE(12) ?? 0;
    const handler = findBoxes(trak.children, 'mdia/hdlr')[0]?.body.toString('latin1', 8, 12);
    tracks.set(id, { timescale, kind: handler === 'vide' ? 'video' : 'audio' });
  }
  return tracks;
}

function sampleEntries(init: Buffer | undefined): string[] {
  return findBoxes(parseBoxes(init ?? Buffer.alloc(0)), 'moov/trak/mdia/minf/stbl/stsd').map((box) =>
    box.body.toString('latin1', 12, 16),
  );
}
