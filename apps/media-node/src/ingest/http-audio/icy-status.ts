import { Duplex } from 'node:stream';

const OLD = Buffer.from('ICY ');
const NEW = Buffer.from('HTTP/1.0 ');

/** A connection on which a status line of SHOUTcast 1, `ICY 200 OK`, reads as one of HTTP. */
export class IcyStatus extends Duplex {
  readonly #inner: Duplex;
  /** What has come of the first four bytes; undefined once they are judged. */
  #head: Buffer | undefined = Buffer.alloc(0);

  constructor(inner: Duplex) {
    super({ allowHalfOpen: false });
    this.#inner = inner;
    inner.on('data', (bytes: Buffer) => this.#take(bytes));
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#inner.write(bytes, done);
  }

  override _final(done: () => void): void {
    this.#inner.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }

  #take(bytes: Buffer): void {
    let out = bytes;
    if (this.#head !== undefined) {
      const head = Buffer.concat([this.#head, bytes]);
      if (head.length < OLD.length) {
        this.#head = head;
        return;
      }
      this.#head = undefined;
      out = head.subarray(0, OLD.length).equals(OLD) ? Buffer.concat([NEW, head.subarray(OLD.length)]) : head;
    }
    if (!this.push(out)) this.#inner.pause();
  }
}
