import { createHmac } from 'node:crypto';

export interface MediaNamesOptions {
  readonly path: string;
  /** Public name of this life of the stream. */
  readonly run: string;
  /** Random for each run; whoever lacks it cannot foretell a name. */
  readonly secret: Uint8Array;
}

/** Base64url characters of the suffix: 96 bits. */
const SUFFIX_LENGTH = 16;
const NAME = new RegExp(`^([ips])([0-9]{1,15})\\.([A-Za-z0-9_-]{${SUFFIX_LENGTH}})\\.(?:m4s|mp4)$`);

export interface MediaName {
  readonly kind: 'init' | 'part' | 'segment';
  readonly number: number;
  readonly suffix: string;
}

/**
 * Names of what caches may hold: `i1.….mp4`, `p17.….m4s`, `s4.….m4s`. The suffix is keyed, and only the playlist
 * tells it: a name can be shared and cached, not guessed.
 */
export class MediaNames {
  readonly #options: MediaNamesOptions;

  constructor(options: MediaNamesOptions) {
    this.#options = options;
  }

  init(version: number): string {
    return `i${version}.${this.#suffix(`i${version}`)}.mp4`;
  }

  part(id: number): string {
    return `p${id}.${this.#suffix(`p${id}`)}.m4s`;
  }

  segment(sequence: number): string {
    return `s${sequence}.${this.#suffix(`s${sequence}`)}.m4s`;
  }

  #suffix(stem: string): string {
    const { path, run, secret } = this.#options;
    return createHmac('sha256', secret)
      .update(`${path}/${run}/${stem}`)
      .digest('base64url')
      .slice(0, SUFFIX_LENGTH);
  }
}

export function parseMediaName(name: string): MediaName | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [, letter, digits, suffix] = match;
  if (digits === undefined || suffix === undefined) return undefined;
  const kind = letter === 'i' ? 'init' : letter === 'p' ? 'part' : 'segment';
  return { kind, number: Number(digits), suffix };
}

/** Takes as long for a name that is wrong at its first letter as for one that is wrong at its last. */
export function sameName(expected: string, given: string): boolean {
  let difference = expected.length ^ given.length;
  for (let i = 0; i < expected.length; i += 1) difference |= expected.charCodeAt(i) ^ given.charCodeAt(i);
  return difference === 0;
}
