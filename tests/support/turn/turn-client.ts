// One TURN client on one socket: allocates, asks for permissions, says what the server answered. It trusts any
// certificate. Not its job: relaying.
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  ATTRIBUTE,
  METHOD,
  readStunAnswer,
  readXorAddress,
  type StunAnswer,
  type StunAttribute,
  stunLength,
  stunRequest,
  xorAddress,
} from './stun-message.ts';

export interface TurnClientOptions {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly credential: string;
}

/** The server answered with an error of RFC 8656: 401 unknown, 403 forbidden, 486 quota, 443 other family, … */
export class TurnRefused extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`TURN answered ${code}`);
    this.code = code;
  }
}

interface Line {
  send(message: Buffer): void;
  close(): void;
}

interface Challenge {
  readonly realm: Buffer;
  readonly nonce: Buffer;
}

const RETRANSMIT_MS = 500;
const ANSWER_WITHIN_MS = 5000;

export class TurnClient implements Disposable {
  readonly #options: TurnClientOptions;
  readonly #waiting = new Map<string, (answer: StunAnswer) => void>();
  #line: Line | undefined;
  #challenge: Challenge | undefined;

  private constructor(options: TurnClientOptions) {
    this.#options = options;
  }

  static async connect(options: TurnClientOptions): Promise<TurnClient> {
    const client = new TurnClient(options);
    client.#line = await openLine(options, (message) => client.#take(message));
    return client;
  }

  /** The relayed address; undefined for one of IPv6, which nothing here reads. Throws TurnRefused. */
  async allocate(family: 'ipv4' | 'ipv6' = 'ipv4'): Promise<{ address: string; port: number } | undefined> {
    const answer = await this.#call(METHOD.allocate, () => [
      { type: ATTRIBUTE.requestedTransport, value: Buffer.from([17, 0, 0, 0]) },
      ...(family === 'ipv6' ? [{ type: ATTRIBUTE.requestedFamily, value: Buffer.from([2, 0, 0, 0]) }] : []),
    ]);
    const relayed = answer.attributes.get(ATTRIBUTE.relayedAddress);
    return relayed === undefined || family === 'ipv6' ? undefined : readXorAddress(relayed);
  }

  /** Throws TurnRefused where the server relays nothing to this address. */
  async permit(address: string): Promise<void> {
    await this.#call(METHOD.createPermission, (transaction) => [
      { type: ATTRIBUTE.peerAddress, value: xorAddress(address, 0, transaction) },
    ]);
  }

  /** Gives the allocation back. */
  async release(): Promise<void> {
    await this.#call(METHOD.refresh, () => [{ type: ATTRIBUTE.lifetime, value: Buffer.alloc(4) }]);
  }

  [Symbol.dispose](): void {
    this.#line?.close();
  }

  async #call(method: number, attributes: (transaction: Buffer) => StunAttribute[]): Promise<StunAnswer> {
    for (let tries = 0; ; tries += 1) {
      const transaction = randomBytes(12);
      const answer = await this.#ask(
        transaction,
        stunRequest(method, transaction, [...attributes(transaction), ...this.#credentials()], this.#key()),
      );
      const { attributes: given, errorCode } = answer;
      if (errorCode === undefined) return answer;
      const [realm, nonce] = [given.get(ATTRIBUTE.realm), given.get(ATTRIBUTE.nonce)];
      // The first request is without credentials, to be told what to sign (RFC 8489 section 9.2.4).
      const isChallenge = tries === 0 && (errorCode === 401 || errorCode === 438);
      if (!isChallenge || realm === undefined || nonce === undefined) throw new TurnRefused(errorCode);
      this.#challenge = { realm, nonce };
    }
  }

  #credentials(): StunAttribute[] {
    if (this.#challenge === undefined) return [];
    const { nonce, realm } = this.#challenge;
    return [
      { type: ATTRIBUTE.username, value: Buffer.from(this.#options.username) },
      { type: ATTRIBUTE.realm, value: realm },
      { type: ATTRIBUTE.nonce, value: nonce },
    ];
  }

  #key(): Buffer | undefined {
    if (this.#challenge === undefined) return undefined;
    const { credential, username } = this.#options;
    return createHash('md5').update(`${username}:${this.#challenge.realm}:${credential}`).digest();
  }

  #ask(transaction: Buffer, message: Buffer): Promise<StunAnswer> {
    const { promise, reject, resolve } = Promise.withResolvers<StunAnswer>();
    const name = transaction.toString('hex');
    this.#waiting.set(name, resolve);
    const send = () => this.#line?.send(message);
    send();
    const again = this.#options.transport === 'udp' ? setInterval(send, RETRANSMIT_MS) : undefined;
    const late = setTimeout(() => reject(new Error('the TURN server is silent')), ANSWER_WITHIN_MS);
    return promise.finally(() => {
      clearInterval(again);
      clearTimeout(late);
      this.#waiting.delete(name);
    });
  }

  #take(message: Buffer): void {
    const answer = readStunAnswer(message);
    this.#waiting.get(answer.transaction.toString('hex'))?.(answer);
  }
}

async function openLine(options: TurnClientOptions, take: (message: Buffer) => void): Promise<Line> {
  const { host, port, transport } = options;
  if (transport === 'udp') {
    const socket = createSocket('udp4').on('message', take);
    socket.connect(port, host);
    await once(socket, 'connect');
    return { send: (message) => socket.send(message), close: () => socket.close() };
  }
  const socket =
    transport === 'tls' ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
  await once(socket, transport === 'tls' ? 'secureConnect' : 'connect');
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    held = Buffer.concat([held, data]);
    for (let length = stunLength(held); length !== undefined; length = stunLength(held)) {
      take(held.subarray(0, length));
      held = held.subarray(length);
    }
  });
  return { send: (message) => void socket.write(message), close: () => void socket.destroy() };
}
