// Enters: how the pulls of one camera stream ended. Leaves: when the next one may come: by the plan, or as soon as a
// cheap question finds that the camera is back, unless its site or its account is known to be closed.
// Not its job: pulling (rtsp-source.ts), what people are told (source-supervisor.ts).
import type { ReasonCode } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { AccountBreakers } from './account-breakers.ts';
import type { DialPace } from './dial-pace.ts';
import { Nap } from './nap.ts';
import type { PullFailure, PullGuard } from './pull-guard.ts';
import { retryAfterMs } from './retry-plan.ts';
import type { Presence, SiteBreakers, SiteMember } from './site-breakers.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface CameraGuardOptions {
  readonly account: string;
  readonly site: string | undefined;
  /** Somebody waits for its pictures. */
  readonly isWatched: () => boolean;
  /** Whether the camera answers at all; never throws but when aborted. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>;
  readonly accounts: AccountBreakers;
  readonly sites: SiteBreakers;
  readonly pace: DialPace;
  readonly probes: TokenBucket;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Of a camera that somebody waits for. */
const PROBE_EVERY_MS = 1000;
/** Of one that nobody waits for, while its site is closed. */
const IDLE_PROBE_EVERY_MS = 10_000;
/** Cameras of a site that is back are not all dialled in the same moment; those that nobody watches can wait. */
const SPREAD_MS = 300;
const IDLE_SPREAD_MS = 3000;
/** A camera that comes and goes is dialled out of turn so often, and then by the plan. */
const RETURNS = { most: 4, withinMs: 60_000 };

export class CameraGuard implements PullGuard, SiteMember {
  readonly #options: CameraGuardOptions;
  readonly #nap: Nap;
  #presence: Presence = 'unknown';
  #isNew = true;
  #failures = 0;
  #dueAtMs = 0;
  #probeAtMs = 0;
  #probedAtMs = 0;
  #askedAtMs = 0;
  #onTrial = false;
  #returns: readonly number[] = [];

  constructor(options: CameraGuardOptions) {
    this.#options = options;
    this.#nap = new Nap(options);
    if (options.site !== undefined) options.sites.join(options.site, this);
  }

  async due(signal: AbortSignal, onBlocked: (reason: ReasonCode) => void): Promise<void> {
    const { account, accounts, clock, isWatched, pace, site } = this.#options;
    do {
      await this.#mayBeTried(signal);
      const rejected = () => onBlocked('camera_credentials_rejected');
      this.#onTrial ||= await accounts.turn(account, signal, rejected);
      await pace.turn({ site, isFirst: this.#isNew, isWatched: isWatched() }, signal);
    } while (this.#isSiteClosed() || (!this.#onTrial && accounts.waitMs(account) > 0));
    this.#isNew = false;
    this.#askedAtMs = clock.now();
  }

  answered(): void {
    const { account, accounts } = this.#options;
    this.#onTrial = false;
    accounts.accepted(account);
    this.#saw('playing');
  }

  healthy(): void {
    this.#failures = 0;
  }

  failed({ code, step }: PullFailure): number {
    const { account, accounts, clock, random } = this.#options;
    const isRejected = code === 'camera_credentials_rejected';
    if (isRejected) accounts.rejected(account, this.#askedAtMs);
    else if (this.#onTrial) accounts.released(account);
    this.#onTrial = false;
    this.#saw(presenceAfter(code, step));
    this.#failures += 1;
    const waitMs = retryAfterMs(this.#failures, random);
    this.#dueAtMs = clock.now() + waitMs;
    this.#probeLater();
    return Math.max(waitMs, accounts.waitMs(account));
  }

  wake(): void {
    this.#probeAtMs = Math.min(this.#probeAtMs, this.#probedAtMs + PROBE_EVERY_MS);
    this.#nap.wake();
  }

  siteAnswered(): void {
    const { clock, isWatched, random } = this.#options;
    const atMs = clock.now() + random() * (isWatched() ? SPREAD_MS : IDLE_SPREAD_MS);
    this.#dueAtMs = Math.max(this.#dueAtMs, atMs);
    this.#probeAtMs = Math.min(this.#probeAtMs, atMs);
    this.#nap.wake();
  }

  close(): void {
    const { account, accounts, site, sites } = this.#options;
    if (this.#onTrial) accounts.released(account);
    this.#onTrial = false;
    if (site !== undefined) sites.leave(site, this);
    this.#nap.wake();
  }

  async #mayBeTried(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const now = clock.now();
      const isClosed = this.#isSiteClosed();
      if (!isClosed && now >= this.#dueAtMs) return;
      const mayAsk = this.#mayAsk(isClosed);
      if (mayAsk && now >= this.#probeAtMs) {
        this.#probeLater();
        await this.#ask(signal);
        continue;
      }
      const atMs = Math.min(
        mayAsk ? this.#probeAtMs : Number.POSITIVE_INFINITY,
        isClosed ? Number.POSITIVE_INFINITY : this.#dueAtMs,
      );
      await this.#nap.sleep(Math.max(1, Math.min(atMs - now, IDLE_PROBE_EVERY_MS)), signal);
    }
  }

  /** Nobody asks a camera that answers: it is left to the plan, however long somebody waits. */
  #mayAsk(isSiteClosed: boolean): boolean {
    if (isSiteClosed) return true;
    return this.#presence !== 'there' && this.#options.isWatched();
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { probe, probes, site, sites } = this.#options;
    if (site !== undefined && !sites.mayProbe(site)) return;
    try {
      if (!probes.take()) return;
      if (await probe(signal)) {
        const wasAbsent = this.#presence === 'absent';
        this.#saw('there');
        if (wasAbsent) this.#returned();
      } else this.#saw('absent');
    } finally {
      if (site !== undefined) sites.probed(site);
    }
  }

  /** It is back: what failed while it was away says nothing of how it fares now. */
  #returned(): void {
    const now = this.#options.clock.now();
    this.#returns = this.#returns.filter((at) => now - at < RETURNS.withinMs);
    if (this.#returns.length >= RETURNS.most) return;
    this.#returns = [...this.#returns, now];
    this.#failures = 0;
    this.#dueAtMs = now;
  }

  #saw(presence: Presence): void {
    const { site, sites } = this.#options;
    this.#presence = presence;
    if (site !== undefined) sites.seen(site, this, presence);
  }

  /** One that was never tried may be: it is a question like any other. */
  #isSiteClosed(): boolean {
    const { site, sites } = this.#options;
    return !this.#isNew && site !== undefined && sites.isOpen(site);
  }

  #probeLater(): void {
    const { clock, isWatched, random } = this.#options;
    this.#probedAtMs = clock.now();
    const everyMs = isWatched() ? PROBE_EVERY_MS : IDLE_PROBE_EVERY_MS;
    this.#probeAtMs = this.#probedAtMs + everyMs * (0.8 + 0.4 * random());
  }
}

function presenceAfter(code: ReasonCode, step: string | undefined): Presence {
  switch (code) {
    case 'camera_refused':
    case 'camera_unreachable':
    case 'camera_timeout':
      return step === 'connect' || step === 'resolve' ? 'absent' : 'unknown';
    // Media that broke off: the camera was there, and may be away by now.
    case 'camera_stalled':
      return 'unknown';
    default:
      return 'there';
  }
}
