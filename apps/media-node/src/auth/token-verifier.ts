// Enters: a media token and what it is used for. Leaves: its claims, or one of three refusals.
// Not its job: knowing whether the stream exists; a refusal is the same either way.
import {
  MEDIA_TOKEN_AUDIENCE,
  MEDIA_TOKEN_ISSUER,
  MediaClaims,
  type Protocol,
  type SessionId,
  VIEW_RECONNECT_SECONDS,
} from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import { jwtVerify } from 'jose';
import type { KeySet } from './key-set.ts';
import type { RevocationList } from './revocation-list.ts';

/** What the egresses need of it. */
export interface TokenVerifier {
  /**
   * Throws VedetteError `unauthenticated` (no, foreign or expired token), `forbidden` (path or protocol not
   * granted) or `session_revoked`.
   */
  verify(token: string, use: { readonly path: string; readonly protocol: Protocol }): Promise<MediaClaims>;
}

interface Verified {
  readonly claims: MediaClaims;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  usedAtMs: number;
}

interface JwksTokenVerifierOptions {
  readonly keys: KeySet;
  readonly revoked: RevocationList;
  readonly clock: Pick<Clock, 'wallNow'>;
  /** Tokens remembered as verified, so that an HLS request costs no signature check. */
  readonly remember?: number;
}

const MAX_TOKEN_CHARS = 4096;
/** Clocks of control and node may differ by this much. */
const SKEW_MS = 10_000;
/** A player asks again within this; who comes later is verified anew. */
const REMEMBER_MS = 60_000;

/** Verifies by the keys that control told, also while control is away. */
export class JwksTokenVerifier implements TokenVerifier {
  readonly #keys: KeySet;
  readonly #revoked: RevocationList;
  readonly #clock: Pick<Clock, 'wallNow'>;
  readonly #remember: number;
  /** Least recently used first. */
  readonly #verified = new Map<string, Verified>();
  /** Views that were let in here, until when they may come back. */
  readonly #seen = new Map<SessionId, number>();

  constructor(options: JwksTokenVerifierOptions) {
    this.#keys = options.keys;
    this.#revoked = options.revoked;
    this.#clock = options.clock;
    this.#remember = options.remember ?? 20_000;
  }

  async verify(
    token: string,
    use: { readonly path: string; readonly protocol: Protocol },
  ): Promise<MediaClaims> {
    const { claims, issuedAtMs, expiresAtMs } = this.#recall(token) ?? (await this.#check(token));
    const now = this.#clock.wallNow();
    const reconnectUntilMs = issuedAtMs + VIEW_RECONNECT_SECONDS * 1000;
    if (now > expiresAtMs + SKEW_MS && !(this.#seen.has(claims.sid) && now <= reconnectUntilMs)) {
      throw new VedetteError('unauthenticated', { detail: 'The media token has expired.' });
    }
    if (this.#revoked.has(claims.sid)) throw new VedetteError('session_revoked');
    if (
      !claims.protocols.includes(use.protocol) ||
      !Object.values(claims.paths).some((p) => p === use.path)
    ) {
      throw new VedetteError('forbidden', { detail: 'The media token does not grant this.' });
    }
    this.#markSeen(claims.sid, reconnectUntilMs, now);
    return claims;
  }

  #recall(token: string): Verified | undefined {
    const found = this.#verified.get(token);
    if (found !== undefined) {
      found.usedAtMs = this.#clock.wallNow();
      this.#verified.delete(token);
      this.#verified.set(token, found);
    }
    return found;
  }

  async #check(token: string): Promise<Verified> {
    const resolver = this.#keys.resolver;
    if (resolver === undefined || token.length === 0 || token.length > MAX_TOKEN_CHARS) throw refused();
    let verified: Verified;
    try {
      const { payload } = await jwtVerify(token, resolver, {
        algorithms: ['EdDSA'],
        issuer: MEDIA_TOKEN_ISSUER,
        audience: MEDIA_TOKEN_AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub'],
        currentDate: new Date(this.#clock.wallNow()),
        // Whether a token past its time still counts is decided above, view by view.
        clockTolerance: VIEW_RECONNECT_SECONDS,
      });
      verified = {
        claims: MediaClaims.parse(payload),
        issuedAtMs: (payload.iat ?? 0) * 1000,
        expiresAtMs: (payload.exp ?? 0) * 1000,
        usedAtMs: this.#clock.wallNow(),
      };
    } catch (cause) {
      throw refused(cause);
    }
    this.#verified.set(token, verified);
    this.#forgetUnused(verified.usedAtMs - REMEMBER_MS);
    return verified;
  }

  #forgetUnused(beforeMs: number): void {
    for (const [token, { usedAtMs }] of this.#verified) {
      if (usedAtMs >= beforeMs && this.#verified.size <= this.#remember) break;
      this.#verified.delete(token);
    }
  }

  #markSeen(sessionId: SessionId, untilMs: number, now: number): void {
    if ((this.#seen.get(sessionId) ?? 0) >= untilMs) return;
    this.#seen.delete(sessionId);
    this.#seen.set(sessionId, untilMs);
    for (const [id, until] of this.#seen) {
      if (until > now && this.#seen.size <= this.#remember) break;
      this.#seen.delete(id);
    }
  }
}

function refused(cause?: unknown): VedetteError {
  return new VedetteError('unauthenticated', { detail: 'A valid media token is needed.', cause });
}
