// Enters: desired streams. Leaves: a guard each; those of cameras share what is known of their sites and accounts.
import type { DesiredStream, StreamSource } from '@vedette/contracts';
import { type Dial, pingRtsp } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import { AccountBreakers } from './account-breakers.ts';
import { CameraGuard } from './camera-guard.ts';
import { DialPace, type DialRates } from './dial-pace.ts';
import { PlainGuard } from './plain-guard.ts';
import type { PullGuard } from './pull-guard.ts';
import { SiteBreakers } from './site-breakers.ts';
import { TokenBucket } from './token-bucket.ts';

interface PullGuardsOptions {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: () => number;
}

type RtspStreamSource = Extract<StreamSource, { kind: 'rtsp' }>;

/**
 * Walls open at once, and the streams of a lost node are taken over at once; a thousand cameras that reboot together
 * are all dialled within 40 s.
 */
export const DIAL_RATES: DialRates = {
  first: { burst: 200, perSecond: 50 },
  again: { burst: 60, perSecond: 25 },
  againOfSite: { burst: 50, perSecond: 15 },
};
const PROBES = { burst: 50, perSecond: 50 };
/** A camera that is there answers OPTIONS within this, over a slow line as well. */
const PROBE_WITHIN_MS = 1500;

export class PullGuards {
  readonly #options: PullGuardsOptions;
  readonly #accounts: AccountBreakers;
  readonly #sites: SiteBreakers;
  readonly #pace: DialPace;
  readonly #probes: TokenBucket;

  constructor(options: PullGuardsOptions) {
    const { clock } = options;
    this.#options = options;
    this.#accounts = new AccountBreakers(options);
    this.#sites = new SiteBreakers(options);
    this.#pace = new DialPace({ clock, rates: DIAL_RATES });
    this.#probes = new TokenBucket({ rate: PROBES, clock });
  }

  /** `isWatched` tells whether somebody waits for its pictures now. */
  of({ site, source }: Pick<DesiredStream, 'site' | 'source'>, isWatched: () => boolean): PullGuard {
    const { clock, random } = this.#options;
    switch (source.kind) {
      case 'rtsp':
        return new CameraGuard({
          account: accountOf(source),
          site,
          isWatched,
          probe: (signal) => this.#answers(source, signal),
          accounts: this.#accounts,
          sites: this.#sites,
          pace: this.#pace,
          probes: this.#probes,
          clock,
          random,
        });
      case 'http':
      case 'http-audio':
        return new PlainGuard({ clock, random, isLocal: false });
      case 'file':
      case 'publish':
      case 'relay':
      case 'rendition':
        return new PlainGuard({ clock, random, isLocal: true });
    }
  }

  async #answers(source: RtspStreamSource, signal: AbortSignal): Promise<boolean> {
    const { clock, dial } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(PROBE_WITHIN_MS, () => late.abort());
    const { certificate, transport, url } = source;
    try {
      await pingRtsp({
        url,
        transport,
        certificate,
        dial,
        clock,
        signal: AbortSignal.any([signal, late.signal]),
      });
      return true;
    } catch {
      signal.throwIfAborted();
      return false;
    } finally {
      cancel();
    }
  }
}

/** What a device locks: one account, whatever it is used for. Never leaves this process. */
function accountOf({ password, url, username }: RtspStreamSource): string {
  return JSON.stringify([new URL(url).hostname, username ?? '', password ?? '']);
}
