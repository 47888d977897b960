// An ONVIF device with odd ideas of time and of its own address, for tests. The services are the simulator's.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@vedette/runtime';
import { loadClip } from '../cameras/clip/clip.ts';
import { answerDevice, DEVICE_PATH, WITHOUT_SIGNING_IN } from '../cameras/onvif/device-service.ts';
import { answerMedia } from '../cameras/onvif/media-service.ts';
import { parseEnvelope, SoapFault, writeEnvelope, writeFault } from '../cameras/onvif/soap.ts';
import { UsernameTokenVerifier } from '../cameras/onvif/username-token.ts';

export interface OnvifScript {
  /** How far the device's clock is from ours. */
  readonly clockOffsetMs?: number;
  /** How far the clock that it tells is from ours; as `clockOffsetMs` when absent. */
  readonly toldOffsetMs?: number;
  /** Asks for a password before it tells the time. */
  readonly timeNeedsPassword?: boolean;
  /** `http://host:port` in its XAddrs; where it was reached when absent. */
  readonly claims?: string;
  /** What stands for each profile's stream. */
  readonly streamUri?: (profile: string) => string;
}

export const ONVIF_CREDENTIALS = { username: 'operator', password: 'pass & word' };
const CLIP = new URL('../../fixtures/clips/gate-sub.h264', import.meta.url);

export class ScriptedOnvif implements AsyncDisposable {
  /** Actions that were granted and those that were not. */
  readonly granted: string[] = [];
  readonly refused: string[] = [];
  readonly #script: OnvifScript;
  readonly #server: Server;
  readonly #verifier: UsernameTokenVerifier;
  readonly #clip: Awaited<ReturnType<typeof loadClip>>;

  private constructor(script: OnvifScript, clip: Awaited<ReturnType<typeof loadClip>>) {
    this.#script = script;
    this.#clip = clip;
    const wallNow = () => Date.now() + (script.clockOffsetMs ?? 0);
    this.#verifier = new UsernameTokenVerifier({
      clock: { ...systemClock, wallNow },
      credentials: ONVIF_CREDENTIALS,
    });
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/soap+xml' }).end(body);
      });
    });
  }

  static async start(script: OnvifScript = {}): Promise<ScriptedOnvif> {
    const device = new ScriptedOnvif(script, await loadClip(CLIP.pathname, 8));
    device.#server.listen(0, '127.0.0.1');
    await once(device.#server, 'listening');
    return device;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const soap = parseEnvelope(Buffer.concat(chunks).toString('utf8'));
    const { timeNeedsPassword, clockOffsetMs = 0, toldOffsetMs = clockOffsetMs, claims } = this.#script;
    try {
      const isOpen =
        soap.action === 'GetSystemDateAndTime' ? !timeNeedsPassword : WITHOUT_SIGNING_IN.has(soap.action);
      if (!isOpen && this.#verifier.verify(soap.header) !== 'granted') {
        this.refused.push(soap.action);
        throw new SoapFault('Sender', ['NotAuthorized'], 'Sender not authorized');
      }
      this.granted.push(soap.action);
      const origin = claims ?? `http://127.0.0.1:${this.port}`;
      const body =
        request.url === DEVICE_PATH
          ? answerDevice(soap.action, {
              name: 'ODD',
              serial: '1',
              origin,
              wallMs: Date.now() + toldOffsetMs,
            })
          : answerMedia(soap.action, soap.parameters, {
              clip: () => this.#clip,
              streamUri: this.#script.streamUri ?? ((profile) => `rtsp://127.0.0.1:554/${profile}`),
              snapshotUri: `${origin}/snapshot.jpg`,
              sessionTimeoutS: 60,
              synchronize: () => undefined,
            });
      if (body === undefined) throw new SoapFault('Receiver', ['ActionNotSupported'], 'not supported');
      return { status: 200, body: writeEnvelope(body) };
    } catch (error) {
      if (!(error instanceof SoapFault)) throw error;
      return { status: error.role === 'Sender' ? 400 : 500, body: writeFault(error) };
    }
  }
}
