// In: HTTP requests on a camera's ONVIF port. Out: SOAP answers of its device and media services, and its snapshot.
// Discovery is ws-discovery.ts; what the services say is device-service.ts and media-service.ts.
import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Clock, type Log, sameSecret } from '@vedette/runtime';
import type { Clip } from '../clip/clip.ts';
import type { CameraCounts } from '../counts.ts';
import type { Misbehaviour } from '../faults.ts';
import { listen } from '../listen.ts';
import { type Credentials, challenges, checkAuthorization } from '../rtsp/digest-auth.ts';
import type { ProfileName } from '../rtsp/stream-path.ts';
import { answerDevice, DEVICE_PATH, MEDIA_PATH, notSupported, WITHOUT_SIGNING_IN } from './device-service.ts';
import { answerMedia } from './media-service.ts';
import { parseEnvelope, SoapFault, type SoapRequest, writeEnvelope, writeFault } from './soap.ts';
import { UsernameTokenVerifier } from './username-token.ts';

/** What the ONVIF side needs of its camera. */
export interface OnvifCamera {
  readonly name: string;
  readonly serial: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly counts: CameraCounts;
  readonly credentials: Credentials;
  readonly sessionTimeoutMs: number;
  readonly snapshotFile: string;
  misbehaviour(): Misbehaviour;
  clip(profile: ProfileName): Clip;
  rtspPort(): number;
  synchronize(profile: ProfileName): void;
}

export const SNAPSHOT_PATH = '/onvif/snapshot.jpg';
const REALM = 'Vedette simulator';
const MAX_CONNECTIONS = 256;
const MAX_BODY = 64 * 1024;
const NONCE_LIFE_MS = 5 * 60_000;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
}

export class OnvifServer {
  readonly #camera: OnvifCamera;
  readonly #bind: string;
  readonly #verifier: UsernameTokenVerifier;
  readonly #nonceKey = randomBytes(32);
  #server: Server | undefined;
  #port: number;
  #openedBefore = false;

  /** `port` 0 = a free one, kept for the server's life. */
  constructor(options: { camera: OnvifCamera; bind: string; port: number }) {
    this.#camera = options.camera;
    this.#bind = options.bind;
    this.#port = options.port;
    this.#verifier = new UsernameTokenVerifier(options.camera);
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 });
    server.maxConnections = MAX_CONNECTIONS;
    server.on('request', (request, response) => void this.#serve(request, response));
    this.#port = await listen(server, { host: this.#bind, port: this.#port, patient: this.#openedBefore });
    this.#openedBefore = true;
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(request);
      const { hang, delayMs } = this.#camera.misbehaviour();
      if (hang) return;
      if (delayMs > 0) await this.#camera.clock.sleep(delayMs);
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      this.#camera.log.debug({ camera: this.#camera.name, err: error }, 'ONVIF request failed');
      response.destroy();
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const path = (request.url ?? '').split('?')[0];
    if (path === SNAPSHOT_PATH && request.method === 'GET') return this.#snapshot(request);
    if (path !== DEVICE_PATH && path !== MEDIA_PATH) return plain(404);
    if (request.method !== 'POST') return { ...plain(405), headers: { allow: 'POST' } };
    const xml = await readBody(request);
    if (xml === undefined) return plain(413);
    this.#camera.counts.onvifRequests++;
    try {
      const soap = parseEnvelope(xml);
      this.#authorize(soap);
      const body =
        path === DEVICE_PATH
          ? this.#device(soap, request)
          : answerMedia(soap.action, soap.parameters, this.#media(request));
      if (body === undefined) throw notSupported(soap.action);
      return soapAnswer(200, writeEnvelope(body));
    } catch (error) {
      if (!(error instanceof SoapFault)) throw error;
      return soapAnswer(error.role === 'Sender' ? 400 : 500, writeFault(error));
    }
  }

  #authorize(soap: SoapRequest): void {
    if (WITHOUT_SIGNING_IN.has(soap.action)) return;
    const verdict = this.#verifier.verify(soap.header);
    if (verdict === 'granted' && !this.#camera.misbehaviour().rejectCredentials) return;
    if (verdict !== 'absent') this.#camera.counts.credentialsRefused++;
    throw new SoapFault('Sender', ['NotAuthorized'], 'Sender not authorized');
  }

  #device(soap: SoapRequest, request: IncomingMessage): string | undefined {
    const { name, serial, clock } = this.#camera;
    const origin = `http://${hostOf(request)}:${this.#port}`;
    return answerDevice(soap.action, { name, serial, origin, wallMs: clock.wallNow() });
  }

  #media(request: IncomingMessage): Parameters<typeof answerMedia>[2] {
    const camera = this.#camera;
    const host = hostOf(request);
    return {
      clip: (profile) => camera.clip(profile),
      streamUri: (profile) => `rtsp://${host}:${camera.rtspPort()}/${profile}`,
      snapshotUri: `http://${host}:${this.#port}${SNAPSHOT_PATH}`,
      sessionTimeoutS: Math.ceil(camera.sessionTimeoutMs / 1000),
      synchronize: (profile) => {
        camera.counts.synchronizationPoints++;
        camera.synchronize(profile);
      },
    };
  }

  /** The scene as a JPEG, behind HTTP digest. */
  async #snapshot(request: IncomingMessage): Promise<Answer> {
    const camera = this.#camera;
    const header = request.headers.authorization;
    const verdict = camera.misbehaviour().rejectCredentials
      ? 'refused'
      : checkAuthorization({
          schemes: ['digest-md5', 'digest-sha256'],
          credentials: camera.credentials,
          realm: REALM,
          method: 'GET',
          url: request.url ?? '',
          header,
          nonceState: (nonce) => this.#nonceState(nonce),
        });
    if (verdict !== 'granted') {
      if (header !== undefined && verdict === 'refused') camera.counts.credentialsRefused++;
      const offers = challenges(
        ['digest-sha256', 'digest-md5'],
        REALM,
        this.#newNonce(),
        verdict === 'stale',
      );
      return { ...plain(401), headers: { 'www-authenticate': offers } };
    }
    return {
      status: 200,
      headers: { 'content-type': 'image/jpeg', 'cache-control': 'no-store' },
      body: await readFile(camera.snapshotFile),
    };
  }

  /** Nonces of the snapshot carry their time and our mark, so that none has to be remembered. */
  #newNonce(): string {
    const issued = Math.floor(this.#camera.clock.now()).toString(36);
    return `${issued}.${this.#mark(issued)}`;
  }

  #nonceState(nonce: string): 'valid' | 'stale' | 'unknown' {
    const [issued = '', mark = ''] = nonce.split('.');
    if (!sameSecret(mark, this.#mark(issued))) return 'unknown';
    return this.#camera.clock.now() - Number.parseInt(issued, 36) <= NONCE_LIFE_MS ? 'valid' : 'stale';
  }

  #mark(issued: string): string {
    return createHmac('sha256', this.#nonceKey).update(issued).digest('hex').slice(0, 32);
  }
}

/** The address at which the client reached us, fit for a URL. */
function hostOf(request: IncomingMessage): string {
  const address = (request.socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
  return address.includes(':') ? `[${address}]` : address;
}

function plain(status: number): Answer {
  return { status, headers: {}, body: '' };
}

function soapAnswer(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'application/soap+xml; charset=utf-8' }, body };
}

/** Nothing when it is longer than MAX_BODY. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
