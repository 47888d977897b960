import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { CameraSourceInput } from '@vedette/contracts';
import type { AddressRules, AllowedHosts } from '@vedette/runtime';
import { VedetteError, webRefusal } from '@vedette/runtime';
import { addressesOf } from './source-address.ts';

const LOOKUP_MS = 2_000;

/** Every address of a host. Rejects when it has none, or nobody knows in time. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (host) => {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error('no answer')), LOOKUP_MS);
  try {
    const found = await Promise.race([lookup(host, { all: true }), timeout.promise]);
    return found.map(({ address }) => address);
  } finally {
    clearTimeout(timer);
  }
};

/** Judges a source before it is kept or connected to. */
export class SourceCheck {
  readonly #rules: Pick<AddressRules, 'refusal'>;
  readonly #resolve: Resolve;
  readonly #httpHosts: Pick<AllowedHosts, 'allowsName' | 'allowsAddress'>;

  constructor(options: {
    rules: Pick<AddressRules, 'refusal'>;
    resolve: Resolve;
    /** Where HTTP and radio sources may be. */
    httpHosts: Pick<AllowedHosts, 'allowsName' | 'allowsAddress'>;
  }) {
    this.#httpHosts = options.httpHosts;
    this.#rules = options.rules;
    this.#resolve = options.resolve;
  }

  /** Throws `source_not_allowed` naming `path` when this host leads where nothing of ours may go. */
  async checkAddress(path: string, host: string, port: number): Promise<void> {
    const found = isIP(host) === 0 ? await this.#resolve(host).catch(() => []) : [host];
    const why = found.map((address) => this.#rules.refusal(address, port)).find((refusal) => refusal);
    if (why !== undefined) throw new VedetteError('source_not_allowed', { fields: [{ path, message: why }] });
  }

  /**
   * Throws `invalid_request` naming the fields that are wrong, or `source_not_allowed` naming those that
   * lead where no source may be. A name that cannot be looked up now passes: whoever connects checks again.
   */
  async check(source: CameraSourceInput): Promise<void> {
    const parsed = addressesOf(source);
    if (!parsed.ok) throw new VedetteError('invalid_request', { fields: parsed.fields });
    const refused: { path: string; message: string }[] = [];
    for (const { by, field, host, port } of parsed.addresses) {
      const found = isIP(host) === 0 ? await this.#resolve(host).catch(() => []) : [host];
      const hosts = this.#httpHosts;
      const isListed = by === 'camera' || hosts.allowsName(host);
      const why =
        isListed || (found.length > 0 && found.every((address) => hosts.allowsAddress(address)))
          ? found
              .map(
                (address) =>
                  (by === 'http' ? webRefusal(address) : undefined) ?? this.#rules.refusal(address, port),
              )
              .find((refusal) => refusal)
          : 'is on a host that HTTP_SOURCE_HOSTS does not name';
      if (why !== undefined) refused.push({ path: `source.${field}`, message: why });
    }
    if (refused.length > 0) throw new VedetteError('source_not_allowed', { fields: refused });
  }
}
