// Enters: cameras and nodes that come and go. Leaves: alerts, one for all that went together.
// Not its job: whom to tell, and whether it arrives (alert-dispatcher.ts).
import {
  type AlertKind,
  type AlertMessage,
  type CameraId,
  REASON_TEXT,
  type ReasonCode,
  type TenantId,
} from '@vedette/contracts';
import { type Clock, newId } from '@vedette/runtime';
import type { SiteNews } from './site-outages.ts';

export interface CameraNews {
  readonly kind: Extract<AlertKind, `camera.${string}` | `stream.${string}`>;
  readonly tenantId: TenantId;
  readonly siteId: string | null;
  readonly cameraId: CameraId;
  readonly name: string;
  readonly reason: ReasonCode;
}

export interface Alert {
  readonly tenantId: TenantId;
  readonly message: AlertMessage;
}

interface Gathered {
  readonly kind: CameraNews['kind'];
  readonly tenantId: TenantId;
  readonly siteId: string | null;
  readonly atMs: number;
  readonly cameras: Map<CameraId, CameraNews>;
  readonly cancel: () => void;
}

/**
 * Cameras of one site that go within this are one alert, not a hundred. What nodes say of streams waits until it is
 * known whether the whole site is away, which has to last (flap-damper.ts).
 */
export const GATHER_MS: Readonly<Record<CameraNews['kind'], number>> = {
  'camera.offline': 10_000,
  'camera.online': 10_000,
  'camera.unstable': 10_000,
  'stream.error': 30_000,
  'stream.started': 10_000,
  'stream.stopped': 10_000,
};
/** Names in a title; the rest is counted. */
const NAMED = 3;

const WORDS: Readonly<Record<CameraNews['kind'], readonly [one: string, many: string]>> = {
  'camera.offline': ['is offline', 'are offline'],
  'camera.online': ['is back', 'are back'],
  'camera.unstable': ['comes and goes', 'come and go'],
  'stream.started': ['is being watched', 'are being watched'],
  'stream.stopped': ['is no longer pulled', 'are no longer pulled'],
  'stream.error': ['does not play', 'do not play'],
};

export class AlertGatherer {
  readonly #clock: Pick<Clock, 'after' | 'wallNow'>;
  readonly #onAlert: (alert: Alert) => void;
  readonly #gathered = new Map<string, Gathered>();

  constructor(options: {
    readonly clock: Pick<Clock, 'after' | 'wallNow'>;
    readonly onAlert: (alert: Alert) => void;
  }) {
    this.#clock = options.clock;
    this.#onAlert = options.onAlert;
  }

  camera(news: CameraNews): void {
    const { cameraId, kind, siteId, tenantId } = news;
    const key = `${tenantId} ${siteId} ${kind}`;
    let gathered = this.#gathered.get(key);
    if (gathered === undefined) {
      const cancel = this.#clock.after(GATHER_MS[kind], () => this.#send(key));
      gathered = { kind, tenantId, siteId, atMs: this.#clock.wallNow(), cameras: new Map(), cancel };
      this.#gathered.set(key, gathered);
    }
    gathered.cameras.set(cameraId, news);
  }

  /** Takes back what is being gathered of a site. */
  withdraw({ siteId, tenantId }: Pick<CameraNews, 'tenantId' | 'siteId'>): void {
    for (const [key, gathered] of this.#gathered) {
      if (gathered.tenantId !== tenantId || gathered.siteId !== siteId) continue;
      gathered.cancel();
      this.#gathered.delete(key);
    }
  }

  /** `site` is as people call it. */
  site(news: SiteNews, site: string, camerasOfSite: number): void {
    const { atMs, cameras, kind, stillAway, tenantId } = news;
    const count = cameras.length;
    const title =
      kind === 'camera.offline'
        ? `Site ${site} does not answer: ${count} of its ${Math.max(count, camerasOfSite)} cameras are known to be offline`
        : `Site ${site} is back: ${count} cameras answer again${stillAway === 0 ? '' : `, ${stillAway} are still offline`}`;
    this.#onAlert({ tenantId, message: messageOf(kind, title, atMs, cameras, null) });
  }

  /** `cameras`: how many ran there. */
  node(kind: 'node.lost' | 'node.back', node: string, tenantId: TenantId, cameras: number): void {
    const concerned =
      cameras === 0 ? '' : `: ${cameras} ${cameras === 1 ? 'camera is' : 'cameras are'} moved`;
    const title =
      kind === 'node.lost' ? `Media node ${node} is lost${concerned}` : `Media node ${node} is back`;
    this.#onAlert({ tenantId, message: messageOf(kind, title, this.#clock.wallNow(), [], node) });
  }

  /** Sends what is gathered; nothing is lost by a stop. */
  close(): void {
    for (const key of [...this.#gathered.keys()]) this.#send(key);
  }

  #send(key: string): void {
    const gathered = this.#gathered.get(key);
    if (gathered === undefined) return;
    this.#gathered.delete(key);
    gathered.cancel();
    const { atMs, cameras, kind, tenantId } = gathered;
    const all = [...cameras.values()];
    const message = messageOf(kind, titleOf(kind, all), atMs, all, null);
    this.#onAlert({ tenantId, message });
  }
}

function titleOf(kind: CameraNews['kind'], cameras: readonly CameraNews[]): string {
  const [one, many] = WORDS[kind];
  const names = cameras.slice(0, NAMED).map(({ name }) => name);
  const rest = cameras.length - names.length;
  const list = rest === 0 ? names.join(', ') : `${names.join(', ')} and ${rest} more`;
  return `${list} ${cameras.length === 1 ? one : many}`;
}

export function messageOf(
  kind: AlertKind,
  title: string,
  atMs: number,
  cameras: readonly CameraNews[],
  node: string | null,
): AlertMessage {
  return {
    id: newId(),
    kind,
    at: new Date(atMs).toISOString(),
    title,
    cameras: cameras.map(({ cameraId, name, reason }) => ({
      id: cameraId,
      name,
      reason,
      text: REASON_TEXT[reason],
    })),
    node,
  };
}
