// Enters: offers of encoders that may publish. Leaves: answers, and sessions that receive until one side ends them.
// Not its job: HTTP (whip-routes.ts), who may publish, and where the frames go.
import { randomBytes } from 'node:crypto';
import { type Clock, VedetteError } from '@vedette/runtime';
import { readOffer } from '../../webrtc/offer.ts';
import type { PeerPort } from '../../webrtc/peer-port.ts';
import type { PublishPlace } from './publish-registry.ts';
import { planWhip, whipLibraryOffer, writeWhipAnswer } from './whip-plan.ts';
import { WhipSession } from './whip-session.ts';

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

  /** Takes the place over from whoever sends now. Throws VedetteError `invalid_offer`, `no_common_codec`. */
  async open(
    path: string,
    place: PublishPlace,
    offerSdp: string,
  ): Promise<{ readonly session: WhipSession; readonly answerSdp: string }> {
    const { clock, peers } = this.#options;
    const offer = readOffer(offerSdp);
    const plan = planWhip(offer);
    const connection = peers.connect();
    let session: WhipSession | undefined;
    try {
      connection.setRemoteDescription(whipLibraryOffer(offer, plan), 'offer');
      place.take((line) => {
        session = new WhipSession({
          id: randomBytes(18).toString('base64url'),
          path,
          place,
          line,
          remoteUfrag: offer.ufrag,
          plan,
          connection,
          clock,
          onClosed: (closed) => this.#sessions.delete(closed.id),
        });
        this.#sessions.set(session.id, session);
        return session;
      });
      if (session === undefined) throw new VedetteError('unavailable');
      const librarySdp = await peers.answer(connection);
      return { session, answerSdp: writeWhipAnswer({ offer, plan, librarySdp, network: peers }) };
    } catch (cause) {
      if (session === undefined) connection.close();
      else session.end();
      throw cause instanceof VedetteError ? cause : new VedetteError('invalid_offer', { cause });
    }
  }

  close(): void {
    for (const session of [...this.#sessions.values()]) session.end();
  }
}
