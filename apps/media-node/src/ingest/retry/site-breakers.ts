// Enters: which cameras of a site answer and which do not. Leaves: whether the line to the site is taken to be down,
// and then whose turn it is to ask whether it is back. Not its job: asking (camera-guard.ts).
import type { Clock } from '@vedette/runtime';

export interface SiteMember {
  /** The line is back: worth asking whether this one is. */
  siteAnswered(): void;
}

/** What is known of a camera; `unknown` also after its media broke off. */
export type Presence = 'unknown' | 'absent' | 'there' | 'playing';

interface Site {
  readonly members: Map<SiteMember, Presence>;
  readonly count: Record<Presence, number>;
  answeredAtMs: number;
  isProbed: boolean;
  probeAtMs: number;
}

/** Fewer that fail together may well be a coincidence. */
const ENOUGH = 3;
/** Whoever answered within this says that the line is there. */
const QUIET_MS = 3000;
/** While the line is down one camera after another is asked, this far apart. */
const PROBE_EVERY_MS = 200;

export class SiteBreakers {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #sites = new Map<string, Site>();

  constructor(options: { readonly clock: Pick<Clock, 'now'> }) {
    this.#clock = options.clock;
  }

  join(name: string, member: SiteMember): void {
    let site = this.#sites.get(name);
    if (site === undefined) {
      site = {
        members: new Map(),
        count: { unknown: 0, absent: 0, there: 0, playing: 0 },
        answeredAtMs: Number.NEGATIVE_INFINITY,
        isProbed: false,
        probeAtMs: Number.NEGATIVE_INFINITY,
      };
      this.#sites.set(name, site);
    }
    mark(site, member, 'unknown');
  }

  leave(name: string, member: SiteMember): void {
    const site = this.#sites.get(name);
    if (site === undefined) return;
    mark(site, member, undefined);
    if (site.members.size === 0) this.#sites.delete(name);
  }

  /** What is known of one now; `there` and `playing` say that the line is there as well. */
  seen(name: string, member: SiteMember, presence: Presence): void {
    const site = this.#sites.get(name);
    if (site === undefined) return;
    const wasOpen = this.isOpen(name);
    mark(site, member, presence);
    if (presence === 'absent' || presence === 'unknown') return;
    site.answeredAtMs = this.#clock.now();
    if (!wasOpen) return;
    for (const other of site.members.keys()) if (other !== member) other.siteAnswered();
  }

  /** True while none of its cameras answers: nobody dials then. */
  isOpen(name: string): boolean {
    const site = this.#sites.get(name);
    if (site === undefined || this.#clock.now() - site.answeredAtMs < QUIET_MS) return false;
    return site.count.playing === 0 && site.count.absent >= ENOUGH;
  }

  /** True when this one may ask now; `probed` must follow. */
  mayProbe(name: string): boolean {
    const site = this.#sites.get(name);
    if (site === undefined || !this.isOpen(name)) return true;
    const now = this.#clock.now();
    if (site.isProbed || now < site.probeAtMs) return false;
    site.isProbed = true;
    site.probeAtMs = now + PROBE_EVERY_MS;
    return true;
  }

  probed(name: string): void {
    const site = this.#sites.get(name);
    if (site !== undefined) site.isProbed = false;
  }
}

function mark(site: Site, member: SiteMember, presence: Presence | undefined): void {
  const before = site.members.get(member);
  if (before !== undefined) site.count[before] -= 1;
  site.members.delete(member);
  if (presence === undefined) return;
  site.members.set(member, presence);
  site.count[presence] += 1;
}
