import { z } from 'zod';
import { CameraId } from './ids.ts';

/** POST /api/v1/discoveries: ask the networks who is there. */
export const DiscoveryRequest = z.strictObject({
  /** Names of this machine's interfaces to ask by multicast (WS-Discovery); all when absent, none when empty. */
  interfaces: z.array(z.string().min(1).max(64)).max(64).optional(),
  /** Addresses to try one by one: `10.0.0.7`, `10.0.0.0/24`, `10.0.0.5-10.0.0.90`. */
  ranges: z.array(z.string().trim().min(1).max(100)).max(64).default([]),
});
export type DiscoveryRequest = z.infer<typeof DiscoveryRequest>;

/** One device that answered; what it did not tell is null. */
export const FoundDevice = z.object({
  kind: z.enum(['onvif', 'rtsp']),
  host: z.string(),
  port: z.int(),
  name: z.string().nullable(),
  model: z.string().nullable(),
  location: z.string().nullable(),
  /** Cameras that are known at this address already. */
  known: z.array(CameraId),
});
export type FoundDevice = z.infer<typeof FoundDevice>;

/** GET /api/v1/discoveries/{id}: how far it is, and what was found so far. */
export const Discovery = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'cancelled']),
  startedAt: z.iso.datetime(),
  /** Addresses that were tried, of all that will be. */
  tried: z.int(),
  total: z.int(),
  found: z.array(FoundDevice),
  /** What could not be asked, in plain words. */
  notes: z.array(z.string()),
});
export type Discovery = z.infer<typeof Discovery>;

/** GET /api/v1/discoveries/places: where may be looked. */
export const DiscoveryPlaces = z.object({
  interfaces: z.array(z.object({ name: z.string(), address: z.string() })),
  /** CIDRs that an administrator allowed to be scanned. */
  scanNetworks: z.array(z.string()),
});
export type DiscoveryPlaces = z.infer<typeof DiscoveryPlaces>;
