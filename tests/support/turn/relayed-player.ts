// The real player on a page in the viewer's namespace. Control is a route of the browser that answers as it does.
import type { BrowserContext, Page } from 'playwright-core';
import type { IceServer } from '../../../packages/contracts/src/start-stream.ts';
import { PLAYER_PAGE } from '../player-page.ts';

/** The path that the first picture took, in the words of W3C webrtc-stats. */
export interface TakenPath {
  readonly candidateType: string;
  /** How the relay is reached; undefined without one. */
  readonly relayProtocol: string | undefined;
  readonly remoteAddress: string;
  readonly framesDecoded: number;
  readonly width: number;
}

/** From the node itself: Chromium lets a page that came from nowhere ask nobody on a private network. */
const DOCUMENT = '/healthz';
const KEEP_PEERS = `
  window.peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) { super(...options); window.peers.push(this); }
  };`;
const READ_PATH = `(async () => {
  for (const peer of window.peers) {
    const all = [...(await peer.getStats()).values()];
    const of = (id) => all.find((entry) => entry.id === id) ?? {};
    const pair = all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
    const video = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
    if (pair === undefined || !(video?.framesDecoded > 0)) continue;
    const { candidateType, relayProtocol } = of(pair.localCandidateId);
    const { framesDecoded, frameWidth: width } = video;
    return { candidateType, relayProtocol, remoteAddress: of(pair.remoteCandidateId).address, framesDecoded, width };
  }
})()`;

export class RelayedPlayer implements AsyncDisposable {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Plays `whepUrl` with these ICE servers, as if control had answered so. */
  static async play(options: {
    readonly context: BrowserContext;
    readonly bundle: ReadonlyMap<string, string>;
    readonly whepUrl: string;
    readonly iceServers: readonly IceServer[];
  }): Promise<RelayedPlayer> {
    const { bundle, context, iceServers, whepUrl } = options;
    const { origin } = new URL(whepUrl);
    const page = await context.newPage();
    await page.addInitScript(KEEP_PEERS);
    await page.route(
      ({ pathname }) => !pathname.startsWith('/whep/') && pathname !== DOCUMENT,
      (route) => {
        const { pathname } = new URL(route.request().url());
        const script = bundle.get(pathname.slice(1));
        if (script !== undefined) return route.fulfill({ contentType: 'text/javascript', body: script });
        if (!pathname.endsWith('/start')) return route.fulfill({ status: 204 });
        return route.fulfill({
          status: 201,
          json: {
            sessionId: 'ses_relayed',
            cameraId: 'gate',
            protocol: 'webrtc',
            profile: 'main',
            url: whepUrl,
            token: 'view.0',
            expiresAt: new Date(Date.now() + 300_000).toISOString(),
            node: 'node-1',
            iceServers,
            fallbacks: [],
            decision: [],
          },
        });
      },
    );
    await page.goto(`${origin}${DOCUMENT}`);
    await page.setContent(PLAYER_PAGE);
    await page.waitForFunction('window.ready');
    await page.evaluate("wall.open('gate')");
    return new RelayedPlayer(page);
  }

  /** How pictures come; undefined while none do. */
  path(): Promise<TakenPath | undefined> {
    return this.#page.evaluate<TakenPath | undefined>(READ_PATH);
  }

  /** What the player has been through, for the message of a test that fails. */
  async states(): Promise<string> {
    return JSON.stringify(await this.#page.evaluate("wall.log('gate').states"));
  }

  /** From `play()` to the picture, ms. */
  async firstFrameMs(): Promise<number> {
    const [first] = await this.#page.evaluate<readonly { ms: number }[]>("wall.log('gate').firstframes");
    return first?.ms ?? Number.NaN;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#page.close();
  }
}
