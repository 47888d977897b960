export interface ListedPart {
  readonly uri: string;
  readonly seconds: number;
  readonly independent: boolean;
}

export interface ListedSegment {
  readonly sequence: number;
  readonly discontinuity: boolean;
  readonly map: string | undefined;
  readonly programDateTime: string | undefined;
  readonly parts: readonly ListedPart[];
  /** Absent while it is being made. */
  readonly seconds: number | undefined;
  readonly uri: string | undefined;
}

export interface ListedPlaylist {
  readonly lines: readonly string[];
  readonly header: ReadonlyMap<string, string>;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly skipped: number;
  readonly segments: readonly ListedSegment[];
  readonly hints: readonly string[];
}

const HEADER =
  /^#(EXT-X-(?:VERSION|TARGETDURATION|SERVER-CONTROL|PART-INF|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|INDEPENDENT-SEGMENTS|SKIP))(?::(.*))?$/;

export function attribute(text: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|,)${name}=("([^"]*)"|[^,]*)`).exec(text);
  return match === null ? undefined : (match[2] ?? match[1]);
}

/** A media playlist as a player reads it. */
export function readMediaPlaylist(text: string): ListedPlaylist {
  const lines = text.split('\n').filter((line) => line !== '');
  const header = new Map<string, string>();
  const segments: ListedSegment[] = [];
  const hints: string[] = [];
  let open: { -readonly [K in keyof ListedSegment]?: ListedSegment[K] } = {};
  let parts: ListedPart[] = [];
  let map: string | undefined;
  const sequence = () =>
    Number(header.get('EXT-X-MEDIA-SEQUENCE') ?? 0) +
    Number(attribute(header.get('EXT-X-SKIP') ?? '', 'SKIPPED-SEGMENTS') ?? 0) +
    segments.length;
  const take = (seconds: number | undefined, uri: string | undefined) => {
    segments.push({
      sequence: sequence(),
      discontinuity: open.discontinuity === true,
      map,
      programDateTime: open.programDateTime,
      parts,
      seconds,
      uri,
    });
    open = {};
    parts = [];
  };
  for (const line of lines) {
    const known = HEADER.exec(line);
    const value = line.slice(line.indexOf(':') + 1);
    if (known?.[1] !== undefined) header.set(known[1], known[2] ?? '');
    else if (line === '#EXT-X-DISCONTINUITY') open.discontinuity = true;
    else if (line.startsWith('#EXT-X-MAP:')) map = attribute(value, 'URI');
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) open.programDateTime = value;
    else if (line.startsWith('#EXT-X-PART:'))
      parts.push({
        uri: attribute(value, 'URI') ?? '',
        seconds: Number(attribute(value, 'DURATION')),
        independent: attribute(value, 'INDEPENDENT') === 'YES',
      });
    else if (line.startsWith('#EXTINF:')) open.seconds = Number.parseFloat(value);
    else if (line.startsWith('#EXT-X-PRELOAD-HINT:')) hints.push(attribute(value, 'URI') ?? '');
    else if (!line.startsWith('#')) take(open.seconds, line);
  }
  if (parts.length > 0 || open.programDateTime !== undefined) take(undefined, undefined);
  return {
    lines,
    header,
    mediaSequence: Number(header.get('EXT-X-MEDIA-SEQUENCE') ?? 0),
    discontinuitySequence: Number(header.get('EXT-X-DISCONTINUITY-SEQUENCE') ?? 0),
    skipped: Number(attribute(header.get('EXT-X-SKIP') ?? '', 'SKIPPED-SEGMENTS') ?? 0),
    segments,
    hints,
  };
}
