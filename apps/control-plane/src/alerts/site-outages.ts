// Enters: news of cameras. Leaves: one alert when a whole site falls silent, one when it is back, and nothing of its
// cameras in between; what is about no such site is left to others.
// Not its job: cameras that go together by chance (alert-gatherer.ts), whether a camera is there (registry/health/).
import type { CameraId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { CameraNews } from './alert-gatherer.ts';

/** What is told of a whole site. */
export interface SiteNews {
  readonly kind: 'camera.offline' | 'camera.online';
  readonly tenantId: CameraNews['tenantId'];
  readonly siteId: string;
  /** Ms since the Unix epoch. */
  readonly atMs: number;
  /** Those that it is about. */
  readonly cameras: readonly CameraNews[];
  /** How many of the outage are not back yet. */
  readonly stillAway: number;
}

interface SiteOutagesOptions {
  readonly clock: Pick<Clock, 'after' | 'now' | 'wallNow'>;
  /** When any camera of the site was last seen to be there, by the clock's `now`; now while one plays. */
  readonly aliveAtMs: (siteId: string) => number;
  /** Takes back what is still being gathered of it: the news of the site take its place. */
  readonly withdraw: (news: Pick<CameraNews, 'tenantId' | 'siteId'>) => void;
  readonly onSite: (news: SiteNews) => void;
}

interface Outage {
  readonly cameras: Map<CameraId, CameraNews>;
  readonly away: Map<CameraId, CameraNews>;
  state: 'gathering' | 'told' | 'returning' | 'over';
  readonly cancels: Set<() => void>;
}

interface Fallen {
  readonly news: CameraNews;
  readonly atMs: number;
}

/** Fewer that fall silent together may be a coincidence. */
const ENOUGH = 3;
/** Those that fell silent longer ago than this, with nobody seen since, say nothing of the others. */
const WINDOW_MS = 10 * 60_000;
/** Others of the site are found out meanwhile. */
export const OUTAGE_GATHER_MS = 10_000;
/** Those that nobody watches are asked once a minute: the recovery is told once all are there, or after this. */
export const RETURN_GATHER_MS = 120_000;
/** Who is not back by then is away for a reason of its own. */
export const FORGET_MS = 15 * 60_000;

export class SiteOutages {
  readonly #options: SiteOutagesOptions;
  readonly #fallen = new Map<string, Map<CameraId, Fallen>>();
  readonly #outages = new Map<string, Outage>();

  constructor(options: SiteOutagesOptions) {
    this.#options = options;
  }

  /** True when it is part of what is told of its site: nobody need hear of it by itself. */
  take(news: CameraNews): boolean {
    const { siteId } = news;
    if (siteId === null) return false;
    const key = `${news.tenantId} ${siteId}`;
    const outage = this.#outages.get(key);
    switch (news.kind) {
      case 'camera.offline':
        if (outage === undefined) return this.#fell(key, siteId, news);
        outage.cameras.set(news.cameraId, news);
        outage.away.set(news.cameraId, news);
        // One that went again after the site was back is news.
        return outage.state !== 'over';
      case 'camera.online':
        this.#fallen.get(key)?.delete(news.cameraId);
        return outage !== undefined && this.#returned(key, siteId, outage, news);
      case 'camera.unstable':
      case 'stream.error':
      case 'stream.started':
      case 'stream.stopped':
        return outage !== undefined && (outage.state !== 'over' || outage.away.has(news.cameraId));
    }
  }

  /** Tells what is gathered. */
  close(): void {
    for (const [key, outage] of this.#outages) {
      this.#cancelAll(outage);
      const siteId = [...outage.cameras.values()][0]?.siteId;
      if (outage.state === 'gathering' && siteId) this.#tell(key, siteId, outage);
    }
    this.#outages.clear();
  }

  #fell(key: string, siteId: string, news: CameraNews): boolean {
    const { aliveAtMs, clock, withdraw } = this.#options;
    const now = clock.now();
    const since = Math.max(aliveAtMs(siteId), now - WINDOW_MS);
    const before = [...(this.#fallen.get(key) ?? [])].filter(([, { atMs }]) => atMs > since);
    const fallen = new Map(before).set(news.cameraId, { news, atMs: now });
    this.#fallen.set(key, fallen);
    if (fallen.size < ENOUGH || aliveAtMs(siteId) >= now) return false;
    this.#fallen.delete(key);
    // What is told already stays told; what was about to be is told with the rest.
    withdraw(news);
    const cameras = new Map([...fallen].map(([id, { news: each }]) => [id, each]));
    const outage: Outage = {
      cameras,
      away: new Map(cameras),
      state: 'gathering',
      cancels: new Set(),
    };
    this.#outages.set(key, outage);
    this.#later(outage, OUTAGE_GATHER_MS, () => this.#tell(key, siteId, outage));
    return true;
  }

  #tell(key: string, siteId: string, outage: Outage): void {
    if (outage.state === 'gathering') outage.state = 'told';
    this.#say('camera.offline', siteId, outage, [...outage.cameras.values()]);
    if (outage.away.size < outage.cameras.size) this.#returns(key, siteId, outage);
  }

  #returned(key: string, siteId: string, outage: Outage, news: CameraNews): boolean {
    if (!outage.away.delete(news.cameraId) || outage.state === 'over') return false;
    if (outage.state === 'told') this.#returns(key, siteId, outage);
    else if (outage.state === 'returning' && outage.away.size === 0) this.#over(key, siteId, outage);
    return true;
  }

  #returns(key: string, siteId: string, outage: Outage): void {
    outage.state = 'returning';
    if (outage.away.size === 0) this.#over(key, siteId, outage);
    else this.#later(outage, RETURN_GATHER_MS, () => this.#over(key, siteId, outage));
  }

  #over(key: string, siteId: string, outage: Outage): void {
    outage.state = 'over';
    this.#cancelAll(outage);
    const back = [...outage.cameras].filter(([id]) => !outage.away.has(id)).map(([, news]) => news);
    this.#say('camera.online', siteId, outage, back);
    this.#later(outage, FORGET_MS, () => this.#outages.delete(key));
  }

  #say(kind: SiteNews['kind'], siteId: string, outage: Outage, cameras: readonly CameraNews[]): void {
    const [first] = outage.cameras.values();
    if (first === undefined) return;
    const { tenantId } = first;
    const atMs = this.#options.clock.wallNow();
    this.#options.onSite({ kind, tenantId, siteId, atMs, cameras, stillAway: outage.away.size });
  }

  #cancelAll(outage: Outage): void {
    for (const cancel of outage.cancels) cancel();
    outage.cancels.clear();
  }

  #later(outage: Outage, ms: number, then: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      outage.cancels.delete(cancel);
      then();
    });
    outage.cancels.add(cancel);
  }
}
