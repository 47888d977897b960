import type { NodeSession, Protocol } from '@vedette/contracts';

/** What a node sent to one view, over all its connections. */
export interface Delivery {
  /** Ms since the Unix epoch. */
  readonly connectedAt: number;
  readonly connectedSeconds: number;
  /** Undefined from older nodes. */
  readonly pictureSeconds: number | undefined;
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly framesDropped: number;
  readonly packetsLost: number;
  readonly protocols: readonly Protocol[];
  readonly clientAddress: string;
}

/** `untilMs`: when it was over, or last heard of; ms since the Unix epoch. */
export function deliveryOf(session: NodeSession, untilMs: number): Delivery {
  const { bytesSent, clientAddress, connectedAt, framesDropped, framesSent, packetsLost } = session;
  return {
    connectedAt,
    connectedSeconds: Math.max(0, untilMs - connectedAt) / 1000,
    pictureSeconds: session.pictureSeconds,
    bytesSent,
    framesSent,
    framesDropped,
    packetsLost,
    protocols: session.protocols ?? [session.protocol],
    clientAddress,
  };
}

/** A view that left and came back. */
export function joined(before: Delivery | undefined, after: Delivery): Delivery {
  if (before === undefined) return after;
  const pictures = [before.pictureSeconds, after.pictureSeconds].filter((seconds) => seconds !== undefined);
  return {
    connectedAt: before.connectedAt,
    connectedSeconds: before.connectedSeconds + after.connectedSeconds,
    pictureSeconds: pictures.length === 0 ? undefined : pictures.reduce((a, b) => a + b),
    bytesSent: before.bytesSent + after.bytesSent,
    framesSent: before.framesSent + after.framesSent,
    framesDropped: before.framesDropped + after.framesDropped,
    packetsLost: before.packetsLost + after.packetsLost,
    protocols: [...new Set([...before.protocols, ...after.protocols])],
    clientAddress: after.clientAddress,
  };
}

/** As it is written down: seconds to a tenth, `framesPerSecond` while pictures came, `droppedShare` 0 to 1. */
export function deliveryData(delivery: Delivery): Record<string, unknown> {
  const { bytesSent, connectedSeconds, framesDropped, framesSent, packetsLost, pictureSeconds } = delivery;
  const offered = framesSent + framesDropped;
  return {
    connectedSeconds: tenths(connectedSeconds),
    pictureSeconds: pictureSeconds === undefined ? null : tenths(pictureSeconds),
    bytesSent,
    framesSent,
    framesDropped,
    packetsLost,
    framesPerSecond:
      pictureSeconds === undefined || pictureSeconds < 1 ? null : tenths(framesSent / pictureSeconds),
    droppedShare: offered === 0 ? 0 : Math.round((framesDropped / offered) * 10_000) / 10_000,
  };
}

export function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
