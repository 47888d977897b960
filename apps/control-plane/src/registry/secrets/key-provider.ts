/** A data key as a master key has wrapped it; safe to store. */
export interface WrappedKey {
  /** Which master key; names nothing about its content. */
  readonly keyId: string;
  readonly wrapped: Buffer;
}

/** Holds a master key and never hands it out: a file, the environment, a vault's transit engine. */
export interface KeyProvider {
  readonly keyId: string;
  wrap(dataKey: Buffer): Promise<WrappedKey>;
  /** Throws `unavailable` when it was wrapped by another key or has been altered. */
  unwrap(key: WrappedKey): Promise<Buffer>;
}
