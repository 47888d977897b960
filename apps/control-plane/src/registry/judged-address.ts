import { isIP } from 'node:net';
import type { AddressRules } from '@vedette/runtime';
import { ProbeFailure } from './probe-failure.ts';
import type { Resolve } from './source-check.ts';

export interface AddressJudge {
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly resolve: Resolve;
}

/**
 * An address of the host to connect to; each of them must be where a source may be: a name that has others is a
 * trick. Throws ProbeFailure `camera_unreachable` or `source_not_allowed`.
 */
export async function judgedAddress(
  { rules, resolve }: AddressJudge,
  host: string,
  port: number,
): Promise<string> {
  const found = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host];
  if (found.length === 0)
    throw new ProbeFailure('camera_unreachable', 'resolve', {
      detail: 'The host name of the camera is not known.',
    });
  if (found.some((address) => rules.refusal(address, port) !== undefined))
    throw new ProbeFailure('source_not_allowed', 'resolve');
  return found[0] ?? '';
}
