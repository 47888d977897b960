import { createHmac } from 'node:crypto';

export interface IceServersOptions {
  /** `stun:host:port`. */
  readonly stun: readonly string[];
  /** `turn:host:port?transport=tcp`, `turns:…`. */
  readonly turn: readonly string[];
  /** Shared with the TURN servers; without it they are not told to anybody. */
  readonly turnSecret: string | undefined;
}

/** As in RTCPeerConnection's configuration. */
export interface GivenIceServer {
  readonly urls: string[];
  readonly username?: string;
  readonly credential?: string;
}

/** Credentials are the same within a period, so that a player need not offer anew at each start. */
const PERIOD_SECONDS = 3600;

/**
 * The ICE servers for one user. TURN credentials are good for one to two hours from `nowMs` (Unix epoch):
 * `username` is the end of their life and the user, the password its HMAC-SHA1 (draft-uberti-behave-turn-rest-00).
 */
export function iceServersFor(options: IceServersOptions, user: string, nowMs: number): GivenIceServer[] {
  const servers: GivenIceServer[] = options.stun.map((url) => ({ urls: [url] }));
  if (options.turnSecret === undefined || options.turn.length === 0) return servers;
  const expiry = (Math.floor(nowMs / 1000 / PERIOD_SECONDS) + 2) * PERIOD_SECONDS;
  const username = `${expiry}:${user}`;
  const credential = createHmac('sha1', options.turnSecret).update(username).digest('base64');
  return [...servers, { urls: [...options.turn], username, credential }];
}
