import { z } from 'zod';
import { NodeId } from './ids.ts';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 fingerprint is 64 hexadecimal digits');
const RelayAddress = z.object({ host: z.string().min(1).max(253), port: z.int().min(1).max(65535) });
export type RelayAddress = z.infer<typeof RelayAddress>;

/** What a node says of itself; its key is made anew with each of its lives and never leaves it. */
export const RelayIdentity = z.object({
  /** Of its certificate. */
  sha256: Sha256,
  /** Where it listens for other nodes; absent when it only opens connections itself. */
  address: RelayAddress.optional(),
});
export type RelayIdentity = z.infer<typeof RelayIdentity>;

/** Another node, as this one is told of it. */
export const RelayPeer = z.object({
  nodeId: NodeId,
  ...RelayIdentity.shape,
  /** Open a connection to it and keep it open, so that it can take streams from here: how an edge behind NAT is reached. */
  offer: z.boolean().default(false),
});
export type RelayPeer = z.infer<typeof RelayPeer>;
