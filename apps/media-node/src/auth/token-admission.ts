import { VedetteError } from '@vedette/runtime';
import type { AdmissionAnswer, AdmissionPort, AdmissionRequest, PathCredentials } from './admission-port.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** Three parts of base64url: a signed token of control. */
const MEDIA_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A media token is checked here, control or no control; everything else is asked of `others`. */
export class TokenAdmission implements AdmissionPort {
  readonly #verifier: TokenVerifier;
  readonly #others: AdmissionPort | undefined;

  constructor(options: { readonly verifier: TokenVerifier; readonly others: AdmissionPort | undefined }) {
    this.#verifier = options.verifier;
    this.#others = options.others;
  }

  async admit(request: AdmissionRequest): Promise<AdmissionAnswer> {
    const token = mediaTokenOf(request.credentials);
    if (token !== undefined) {
      const { path, protocol } = request;
      return { kind: 'granted', token, path, claims: await this.#verifier.verify(token, { path, protocol }) };
    }
    if (request.credentials.kind === 'none' || this.#others === undefined)
      throw new VedetteError('unauthenticated');
    return this.#others.admit(request);
  }
}

/** As bearer, or as password beside any name, for players that know no other way. */
function mediaTokenOf(credentials: PathCredentials): string | undefined {
  switch (credentials.kind) {
    case 'none':
      return undefined;
    case 'bearer':
      return MEDIA_TOKEN.test(credentials.token) ? credentials.token : undefined;
    case 'basic':
      return MEDIA_TOKEN.test(credentials.password) ? credentials.password : undefined;
  }
}
