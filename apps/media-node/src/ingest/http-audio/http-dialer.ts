import { type Dial, RtspError } from '@vedette/rtsp';
import { type AddressRules, type AllowedHosts, webRefusal } from '@vedette/runtime';
import { createSourceDialer } from '../source-dialer.ts';
import { SourceError } from '../source-error.ts';

export interface HttpDialerOptions {
  readonly hosts: AllowedHosts;
  readonly rules: Pick<AddressRules, 'refusal'>;
  /** Dials that begin at once. */
  readonly atOnce: number;
  /** IP addresses of a host name; the system's resolver when absent. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/**
 * Opens connections to web servers that HTTP_SOURCE_HOSTS allows, by their name or by every address that the name
 * has, and only where any source may be. The address that was checked is the one that is dialled.
 */
export function createHttpDialer(options: HttpDialerOptions): Dial {
  const { hosts } = options;
  const rules = {
    refusal: (address: string, port: number) => webRefusal(address) ?? options.rules.refusal(address, port),
  };
  const byName = createSourceDialer({ ...options, rules });
  const byAddress = createSourceDialer({
    ...options,
    rules: {
      refusal: (address, port) =>
        rules.refusal(address, port) ??
        (hosts.allowsAddress(address) ? undefined : 'is not among HTTP_SOURCE_HOSTS'),
    },
  });
  return async (host, port, signal) => {
    try {
      return await (hosts.allowsName(host) ? byName : byAddress)(host, port, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw explained(error);
    }
  };
}

function explained(cause: unknown): SourceError {
  const failed = (code: ConstructorParameters<typeof SourceError>[0], message: string) =>
    new SourceError(code, 'connect', message, { cause });
  const code = cause instanceof RtspError ? cause.code : codeOf(cause);
  switch (code) {
    case 'source_not_allowed':
      return failed(code, 'The address is none that HTTP sources may be on: HTTP_SOURCE_HOSTS names them.');
    case 'camera_unreachable':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failed('camera_unreachable', 'The host name of the source is not known.');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return failed('camera_unreachable', 'There is no route to the source.');
    case 'ETIMEDOUT':
      return failed('camera_timeout', 'The source did not answer in time.');
    default:
      return failed('camera_refused', 'The source refused the connection.');
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
