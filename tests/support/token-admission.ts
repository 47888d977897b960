import type { MediaClaims } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { AdmissionPort } from '../../apps/media-node/src/auth/admission-port.ts';

/** Lets in whoever brings a bearer token, as `authorize` says. */
export function bearerAdmission(
  authorize: (token: string, path: string) => Promise<MediaClaims>,
): AdmissionPort {
  return {
    async admit({ credentials, path }) {
      if (credentials.kind !== 'bearer') throw new VedetteError('unauthenticated');
      const { token } = credentials;
      return { kind: 'granted', token, path, claims: await authorize(token, path) };
    },
  };
}
