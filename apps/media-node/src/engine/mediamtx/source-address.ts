import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { ReasonCode, StreamSource } from '@vedette/contracts';
import type { AddressRules } from '@vedette/runtime';

export type SourceAddress =
  /** `host` stands in the URL in place of the name, undefined: as it is. */
  | { readonly kind: 'allowed'; readonly host: string | undefined }
  | { readonly kind: 'refused'; readonly reason: ReasonCode; readonly detail: string };

const RTSP_PORT = 554;
const RTSPS_PORT = 322;

/**
 * Looks a camera's name up once and holds it to the rules. MediaMTX dials by itself, so it is given the address that
 * was checked; where a certificate must fit the name, the name stays, and the certificate vouches for where it leads.
 */
export async function sourceAddress(
  source: StreamSource,
  rules: Pick<AddressRules, 'refusal'>,
  resolve: (host: string) => Promise<readonly string[]> = lookupAll,
): Promise<SourceAddress> {
  if (source.kind !== 'rtsp') return { kind: 'allowed', host: undefined };
  const url = new URL(source.url);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const isSecure = url.protocol === 'rtsps:';
  const port = url.port === '' ? (isSecure ? RTSPS_PORT : RTSP_PORT) : Number(url.port);
  let addresses: readonly string[];
  try {
    addresses = isIP(name) === 0 ? await resolve(name) : [name];
  } catch {
    addresses = [];
  }
  const [first] = addresses;
  if (first === undefined)
    return {
      kind: 'refused',
      reason: 'camera_unreachable',
      detail: 'The host name of the camera is not known.',
    };
  // One address that is not allowed is a trick, not a camera.
  if (addresses.some((address) => rules.refusal(address, port) !== undefined))
    return {
      kind: 'refused',
      reason: 'source_not_allowed',
      detail: 'The address is outside the networks that cameras may be on.',
    };
  const byName = isSecure && (source.certificate?.check ?? 'authority') === 'authority';
  return { kind: 'allowed', host: byName ? undefined : isIP(first) === 6 ? `[${first}]` : first };
}

async function lookupAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
