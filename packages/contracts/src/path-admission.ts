import { z } from 'zod';
import { Protocol, StreamPath } from './ids.ts';

/** What somebody presents at a stable address of a node. */
export const PathCredentials = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  /** Name and password of a person, or any name and an API token. */
  z.object({ kind: z.literal('basic'), username: z.string().max(255), password: z.string().max(4096) }),
  z.object({ kind: z.literal('bearer'), token: z.string().max(4096) }),
]);
export type PathCredentials = z.infer<typeof PathCredentials>;

/** POST /internal/admit of control, asked by a node with the node token. */
export const PathAdmissionRequest = z.object({
  path: StreamPath,
  protocol: Protocol,
  credentials: PathCredentials,
  clientAddress: z.string().max(100),
});
export type PathAdmissionRequest = z.infer<typeof PathAdmissionRequest>;

/** A view as any start grants it: here on the node that `node` names, with a media token, or by its address. */
export const PathAdmissionAnswer = z.object({
  node: z.string(),
  token: z.string(),
  url: z.string(),
  /** What nodes call the stream, however it was asked for; absent from older control. */
  path: StreamPath.optional(),
});
export type PathAdmissionAnswer = z.infer<typeof PathAdmissionAnswer>;
