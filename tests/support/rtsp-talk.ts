// A client that says what a test wants to say, line by line, and counts what it is sent.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { InterleavedParser } from '@vedette/rtsp';

export interface Answer {
  readonly status: number;
  /** Start line and headers. */
  readonly head: string;
}

type Headers = Readonly<Record<string, string>>;

export class RtspTalk implements Disposable {
  /** RTP packets, whole. */
  readonly payloads: Uint8Array[] = [];
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;
  readonly #port: number;
  readonly #waiting: ((answer: Answer) => void)[] = [];
  #sequence = 0;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    this.closed = once(socket, 'close');
    const parser = new InterleavedParser((event) => {
      if (event.kind === 'packet' && event.channel % 2 === 0) this.payloads.push(event.data);
      if (event.kind !== 'response') return;
      const lines = [...event.headers].flatMap(([name, values]) =>
        values.map((value) => `${name[0]?.toUpperCase()}${name.slice(1)}: ${value}\r\n`),
      );
      this.#waiting.shift()?.({ status: event.status, head: lines.join('') });
    });
    socket.on('data', (chunk) => parser.push(chunk));
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<RtspTalk> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new RtspTalk(socket, port);
  }

  get packets(): number {
    return this.payloads.length;
  }

  send(method: string, path: string, headers: Headers = {}): void {
    this.#sequence += 1;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const start = `${method} rtsp://127.0.0.1:${this.#port}/${path} RTSP/1.0\r\n`;
    this.#socket.write(`${start}CSeq: ${this.#sequence}\r\n${lines.join('')}\r\n`);
  }

  ask(method: string, path: string, headers: Headers = {}): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) => this.#waiting.push(resolve));
    this.send(method, path, headers);
    return answer;
  }

  /** The first track over this connection; returns the session. */
  async setUp(path: string): Promise<string> {
    await this.ask('DESCRIBE', path);
    const track = `${path.split('?')[0]}/trackID=0`;
    const { head } = await this.ask('SETUP', track, { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' });
    return /^Session: (\w+)/m.exec(head)?.[1] ?? '';
  }

  stopReading(): void {
    this.#socket.pause();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
