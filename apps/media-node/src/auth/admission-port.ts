import type { MediaClaims, PathAdmissionRequest, Protocol } from '@vedette/contracts';

/** What somebody presents who calls no API: a player, a recorder. */
export type PathCredentials = PathAdmissionRequest['credentials'];

export interface AdmissionRequest {
  readonly path: string;
  readonly protocol: Protocol;
  readonly credentials: PathCredentials;
  readonly clientAddress: string;
}

export type AdmissionAnswer =
  | {
      readonly kind: 'granted';
      readonly claims: MediaClaims;
      readonly token: string;
      /** What the stream is called here; it may have been asked for by a name that control knows. */
      readonly path: string;
    }
  /** The stream runs on another node: there, by the same protocol. */
  | { readonly kind: 'elsewhere'; readonly url: string };

/** Lets viewers in at the stable addresses, each of which starts the pull by itself. */
export interface AdmissionPort {
  /** Throws VedetteError `unauthenticated`, `forbidden`, `at_capacity`, … as a start would. */
  admit(request: AdmissionRequest): Promise<AdmissionAnswer>;
}
