import { randomBytes } from 'node:crypto';
import { challenges, checkAuthorization } from './digest-auth.ts';
import type { RtspCamera } from './rtsp-camera.ts';
import type { RtspRequest, RtspResponse } from './rtsp-message.ts';

const REALM = 'Vedette simulator';

/** Decides for one connection which requests may pass. Its nonces are its own, as those of most cameras. */
export class AuthGate {
  readonly #camera: RtspCamera;
  #nonce: { readonly value: string; readonly issuedMs: number };
  #oldNonce = '';

  constructor(options: { camera: RtspCamera }) {
    this.#camera = options.camera;
    this.#nonce = this.#newNonce();
  }

  /** The 401 to answer, or nothing when the request is OPTIONS or carries the right credentials. */
  refusal(request: RtspRequest): RtspResponse | undefined {
    const camera = this.#camera;
    if (request.method === 'OPTIONS') return undefined;
    const header = request.headers.get('authorization');
    const verdict = camera.misbehaviour().rejectCredentials
      ? 'refused'
      : checkAuthorization({
          schemes: camera.auth,
          credentials: camera.credentials,
          realm: REALM,
          method: request.method,
          url: request.url,
          header,
          nonceState: (nonce) => this.#nonceState(nonce),
        });
    if (verdict === 'granted') return undefined;
    if (header !== undefined && verdict === 'refused') camera.counts.credentialsRefused++;
    if (this.#nonceState(this.#nonce.value) === 'stale') {
      this.#oldNonce = this.#nonce.value;
      this.#nonce = this.#newNonce();
    }
    const offers = challenges(camera.auth, REALM, this.#nonce.value, verdict === 'stale');
    return { status: 401, headers: offers.map((offer) => ['WWW-Authenticate', offer] as const) };
  }

  #newNonce(): { value: string; issuedMs: number } {
    return { value: randomBytes(16).toString('hex'), issuedMs: this.#camera.clock.now() };
  }

  #nonceState(nonce: string): 'valid' | 'stale' | 'unknown' {
    const life = this.#camera.nonceLifeMs ?? Number.POSITIVE_INFINITY;
    if (nonce === this.#nonce.value) {
      return this.#camera.clock.now() - this.#nonce.issuedMs <= life ? 'valid' : 'stale';
    }
    return nonce !== '' && nonce === this.#oldNonce ? 'stale' : 'unknown';
  }
}
