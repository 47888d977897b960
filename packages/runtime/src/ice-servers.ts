import { createHmac } from 'node:crypto';

export interface IceServersOptions {
  /** `stun:host:port`; `depot=stun:…` for viewers of nodes at the site `depot`. */
  readonly stun: readonly string[];
  /** `turn:host:port?transport=tcp`, `turns:…`; `depot=turn:…` likewise. */
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
/** A site stands before the scheme; the `=` of `?transport=tcp` comes after it. */
const SITE = /^([A-Za-z0-9._-]+)=(.*)$/;

/**
 * The ICE servers for one user who watches a node at `site`: those that are named for it, otherwise those that are named
 * for none. TURN credentials are good for one to two hours from `nowMs` (Unix epoch):
 * `username` is the end of their life and the user, the password its HMAC-SHA1 (draft-uberti-behave-turn-rest-00).
 */
export function iceServersFor(
  options: IceServersOptions,
  user: string,
  nowMs: number,
  site?: string,
): GivenIceServer[] {
  const servers: GivenIceServer[] = ofSite(options.stun, site).map((url) => ({ urls: [url] }));
  const turn = ofSite(options.turn, site);
  if (options.turnSecret === undefined || turn.length === 0) return servers;
  const expiry = (Math.floor(nowMs / 1000 / PERIOD_SECONDS) + 2) * PERIOD_SECONDS;
  const username = `${expiry}:${user}`;
  const credential = createHmac('sha1', options.turnSecret).update(username).digest('base64');
  return [...servers, { urls: turn, username, credential }];
}

function ofSite(named: readonly string[], site: string | undefined): string[] {
  const all = named.map((entry) => {
    const [, place, url = entry] = SITE.exec(entry) ?? [];
    return { place, url };
  });
  const here = all.filter(({ place }) => place !== undefined && place === site);
  const those = here.length > 0 ? here : all.filter(({ place }) => place === undefined);
  return those.map(({ url }) => url);
}
