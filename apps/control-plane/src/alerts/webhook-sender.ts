// Enters: an alert and where it goes. Leaves: a signed POST (Standard Webhooks, https://www.standardwebhooks.com).
// The host must be listed, and the very address that was judged is connected to. No redirects.
import { createHmac, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { AlertMessage } from '@vedette/contracts';
import { type AllowedHosts, webRefusal } from '@vedette/runtime';
import type { Resolve } from '../registry/source-check.ts';
import { DeliveryFailure } from './delivery-failure.ts';

interface WebhookSenderOptions {
  /** The setting WEBHOOK_HOSTS. */
  readonly hosts: Pick<AllowedHosts, 'allowsName' | 'allowsAddress'>;
  readonly resolve: Resolve;
}

const WITHIN_MS = 5000;
const SECRET_BYTES = 24;
const PREFIX = 'whsec_';

export function newWebhookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** The header `webhook-signature` for this body. `atS` is the Unix time in seconds. */
export function signWebhook(secret: string, id: string, atS: number, body: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${atS}.${body}`).digest('base64')}`;
}

export class WebhookSender {
  readonly #options: WebhookSenderOptions;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /** Why nothing may be sent there; undefined when it may. A name that cannot be looked up now passes. */
  async refusal(url: URL): Promise<string | undefined> {
    if (url.username !== '' || url.password !== '') return 'must not hold credentials';
    const found = await this.#addresses(url);
    return this.#refused(url, found);
  }

  /** Throws DeliveryFailure. */
  async send(url: URL, secret: string, message: AlertMessage, nowMs: number): Promise<void> {
    const found = await this.#addresses(url);
    const refused = this.#refused(url, found);
    if (refused !== undefined) throw new DeliveryFailure(`The address ${refused}.`, { isFinal: true });
    const [address] = found;
    if (address === undefined) throw new DeliveryFailure('The host name is not known.');
    const body = JSON.stringify(message);
    const atS = Math.floor(nowMs / 1000);
    const status = await post(url, address, body, {
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': String(atS),
      'webhook-signature': signWebhook(secret, message.id, atS, body),
    });
    if (status >= 200 && status < 300) return;
    // 410 means that nobody wants it any more (Standard Webhooks).
    throw new DeliveryFailure(`The other side answered ${status}.`, { isFinal: status === 410 });
  }

  async #addresses({ hostname }: URL): Promise<readonly string[]> {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    return isIP(host) === 0 ? this.#options.resolve(host).catch(() => []) : [host];
  }

  #refused({ hostname }: URL, addresses: readonly string[]): string | undefined {
    const { hosts } = this.#options;
    const isListed =
      hosts.allowsName(hostname) ||
      (addresses.length > 0 && addresses.every((address) => hosts.allowsAddress(address)));
    if (!isListed) return 'is on a host that WEBHOOK_HOSTS does not name';
    return addresses.map((address) => webRefusal(address)).find((refusal) => refusal !== undefined);
  }
}

function post(
  url: URL,
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown) => {
      const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
      reject(
        new DeliveryFailure(
          timedOut ? 'The other side did not answer in time.' : 'The other side cannot be reached.',
          { cause },
        ),
      );
    };
    const request = (isTls ? httpsRequest : httpRequest)(
      {
        host: address,
        port: url.port || (isTls ? 443 : 80),
        method: 'POST',
        path: url.pathname + url.search,
        agent: false,
        signal: AbortSignal.timeout(WITHIN_MS),
        headers: {
          ...headers,
          host: url.host,
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Vedette',
          connection: 'close',
        },
        ...(isTls && isIP(host) === 0 ? { servername: host } : {}),
      },
      (answer) => {
        // What it says is not read: nobody here would do anything with it.
        answer.destroy();
        resolve(answer.statusCode ?? 0);
      },
    );
    request.once('error', failed);
    request.end(body);
  });
}
