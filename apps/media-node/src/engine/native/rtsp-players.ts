import type { ReasonCode } from '@vedette/contracts';
import type { RtspViewer } from '../../egress/rtsp/rtsp-out.ts';

type Sent = ReturnType<RtspViewer['stats']>;

/** The players of one view: what they were sent together, those that have left included. */
export class RtspPlayers {
  readonly #players: Set<RtspViewer>;
  #left: Sent = { bytesSent: 0, framesSent: 0, framesDropped: 0 };

  constructor(first: RtspViewer) {
    this.#players = new Set([first]);
  }

  get size(): number {
    return this.#players.size;
  }

  add(player: RtspViewer): void {
    this.#players.add(player);
  }

  /** False when it is none of them. */
  remove(player: RtspViewer): boolean {
    if (!this.#players.delete(player)) return false;
    this.#left = added(this.#left, player.stats());
    return true;
  }

  stats(): Sent {
    return [...this.#players].reduce((sum, player) => added(sum, player.stats()), this.#left);
  }

  close(reason: ReasonCode): void {
    for (const player of [...this.#players]) player.close(reason);
  }
}

function added(a: Sent, b: Sent): Sent {
  return {
    bytesSent: a.bytesSent + b.bytesSent,
    framesSent: a.framesSent + b.framesSent,
    framesDropped: a.framesDropped + b.framesDropped,
  };
}
