import { gzipSync } from 'node:zlib';

/** One playlist text for every viewer: encoded once, compressed once, the latter only if somebody takes it so. */
export class RenderedPlaylist {
  readonly plain: Buffer;
  #gzip: Buffer | undefined;

  constructor(text: string) {
    this.plain = Buffer.from(text, 'utf8');
  }

  get gzip(): Buffer {
    this.#gzip ??= gzipSync(this.plain, { level: 5 });
    return this.#gzip;
  }
}
