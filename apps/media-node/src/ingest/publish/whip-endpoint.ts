// Enters: offers of encoders that may publish. Leaves: answers, and sessions that receive until one side ends them.
// Not its job: HTTP (whip-routes.ts), and where the frames go.
import { randomBytes } from 'node:crypto';
import { type Clock, VedetteError } from '@vedette/runtime';
import { readOffer } from '../../webrtc/offer.ts';
import type { PeerPort } from '../../webrtc/peer-port.ts';
import { planWhip, whipLibraryOffer, writeWhipAnswer } from './whip-plan.ts';
import { type PublishPlace, WhipSession } from './whip-session.ts';

export interface WhipEndpointOptions {
  readonly clock: Clock;
  readonly peers: PeerPort;
}

export class WhipEndpoint {
  readonly #options: WhipEndpointOptions;
  readonly #sessions = new Map<string, WhipSession>();

  constructor(options: WhipEndpointOptions) {
    this.#options = options;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  session(resource: string): WhipSession | undefined {
    return this.#sessions.get(resource);
  }

  /**
   * A publisher who is there already goes first, so that the new one goes on with its time line: `place` is asked for
   * afterwards. Throws VedetteError `invalid_offer`, `no_common_codec`, and what `place` throws.
   */
  async open(
    path: string,
    offerSdp: string,
    place: () => PublishPlace,
  ): Promise<{ readonly session: WhipSession; readonly answerSdp: string }> {
    const { clock, peers } = this.#options;
    const offer = readOffer(offerSdp);
    const plan = planWhip(offer);
    for (const other of [...this.#sessions.values()]) if (other.path === path) other.close();
    const connection = peers.connect();
    let session: WhipSession | undefined;
    try {
      connection.setRemoteDescription(whipLibraryOffer(offer, plan), 'offer');
      session = new WhipSession({
        id: randomBytes(18).toString('base64url'),
        path,
        remoteUfrag: offer.ufrag,
        plan,
        connection,
        place: place(),
        clock,
        onClosed: (closed) => this.#sessions.delete(closed.id),
      });
      this.#sessions.set(session.id, session);
      const librarySdp = await peers.answer(connection);
      return { session, answerSdp: writeWhipAnswer({ offer, plan, librarySdp, network: peers }) };
    } catch (cause) {
      if (session === undefined) connection.close();
      else session.close();
      throw cause instanceof VedetteError ? cause : new VedetteError('invalid_offer', { cause });
    }
  }

  close(): void {
    for (const session of [...this.#sessions.values()]) session.close();
  }
}
