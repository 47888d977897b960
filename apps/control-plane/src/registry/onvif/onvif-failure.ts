import type { ReasonCode } from '@vedette/contracts';
import { ProbeFailure, type ProbeStep } from '../probe-failure.ts';

type Done<T> = (error: Error | null, value?: T, xml?: string, status?: number) => void;
/** One call of the library as a promise. */
export type OnvifCall = <T>(
  step: ProbeStep,
  ask: (done: Done<T>) => void,
) => Promise<{ readonly value: T | undefined; readonly xml: string }>;

const BY_SYSTEM_CODE: Readonly<Record<string, ReasonCode>> = {
  ECONNREFUSED: 'camera_refused',
  ECONNRESET: 'camera_refused',
  EPIPE: 'camera_refused',
  EHOSTUNREACH: 'camera_unreachable',
  ENETUNREACH: 'camera_unreachable',
  EHOSTDOWN: 'camera_unreachable',
  ENOTFOUND: 'camera_unreachable',
  ETIMEDOUT: 'camera_timeout',
};
const NOT_AUTHORIZED =
  /not ?authorized|unauthorized|authority failure|digest authentication|failedauthentication|wsse:failed/i;

/** What the library called back with, as a reason and the step it happened at. Quotes nothing of it. */
export function onvifFailure(
  error: Error,
  step: ProbeStep,
  xml: string | undefined,
  status: number | undefined,
): ProbeFailure {
  const system = BY_SYSTEM_CODE[(error as NodeJS.ErrnoException).code ?? ''];
  if (system !== undefined)
    return new ProbeFailure(system, system === 'camera_refused' ? 'connect' : step, { cause: error });
  if (error.message === 'Network timeout') return new ProbeFailure('camera_timeout', step, { cause: error });
  // Some answer 401 with a page of HTML, which is no SOAP.
  if (
    status === 401 ||
    status === 403 ||
    NOT_AUTHORIZED.test(`${error.message} ${(xml ?? '').slice(0, 4000)}`)
  )
    return new ProbeFailure('camera_credentials_rejected', 'authenticate', { cause: error });
  return new ProbeFailure('camera_protocol_error', step === 'connect' ? 'describe' : step, {
    detail: 'The device answered, but not as an ONVIF camera does: check the port.',
    cause: error,
  });
}
