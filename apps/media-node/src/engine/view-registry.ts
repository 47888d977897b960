// Enters: who watches what over which protocol, from the ways out. Leaves: one entry a view for reports, and how each ended.
// Not its job: tokens, media, and deciding who may watch.
import type {
  CameraId,
  EndedSession,
  NodeSession,
  ProfileName,
  Protocol,
  ReasonCode,
  SessionId,
  StreamPath,
  UserId,
} from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import { DeliveryMeter } from './delivery-meter.ts';

/** What a way out tells of one viewer when asked. */
export interface ViewStats {
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly framesDropped: number;
  readonly packetsLost: number;
  readonly rttMs: number | null;
  /** What grows with each picture, where pictures are not counted; otherwise they are it. */
  readonly progress?: number;
}

export interface View {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly cameraId: CameraId;
  readonly profile: ProfileName;
  readonly path: StreamPath;
  readonly protocol: Protocol;
  readonly clientAddress: string;
  stats(): ViewStats;
  /** False while media does not flow yet; a view that has another protocol is then reported by that one. */
  connected(): boolean;
  /** Ends it; the way out then calls `remove`. */
  close(reason: ReasonCode): void;
}

/** One view over its whole life, whatever protocols it uses; for a moment two, while one takes over. */
interface Present {
  readonly connectedAt: number;
  readonly views: Map<Protocol, View>;
  readonly protocols: Set<Protocol>;
  readonly meter: DeliveryMeter;
}

/** Ended views that control has not fetched; beyond it the oldest are forgotten, control lapses them by itself. */
const MAX_ENDED = 5000;

export class ViewRegistry {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #views = new Map<SessionId, Present>();
  #ended: EndedSession[] = [];

  constructor(options: { clock: Clock; onChange: () => void }) {
    this.#clock = options.clock;
    this.#onChange = options.onChange;
  }

  add(view: View): void {
    const present = this.#views.get(view.sessionId) ?? {
      connectedAt: this.#clock.wallNow(),
      views: new Map<Protocol, View>(),
      protocols: new Set<Protocol>(),
      meter: new DeliveryMeter(),
    };
    const replaced = present.views.get(view.protocol);
    if (replaced !== undefined) present.meter.left(replaced.stats());
    present.views.set(view.protocol, view);
    present.protocols.add(view.protocol);
    this.#views.set(view.sessionId, present);
    this.#onChange();
  }

  /** Told by the way out when a viewer is gone; `view` must be the one that was added, a successor stays. */
  remove(view: View, reason: ReasonCode): void {
    const present = this.#views.get(view.sessionId);
    if (present === undefined || present.views.get(view.protocol) !== view) return;
    if (present.views.size === 1) {
      const last = this.#describe(present, view);
      this.#views.delete(view.sessionId);
      const endedAt = this.#clock.wallNow();
      this.#ended.push({
        sessionId: view.sessionId,
        reason,
        endedAt,
        seconds: Math.max(0, endedAt - present.connectedAt) / 1000,
        bytesSent: last.bytesSent,
        last,
      });
      if (this.#ended.length > MAX_ENDED) this.#ended.shift();
    } else {
      present.meter.left(view.stats());
      present.views.delete(view.protocol);
    }
    this.#onChange();
  }

  /** Something about a view changed that reports should tell at once, such as its media flowing. */
  touched(): void {
    this.#onChange();
  }

  close(sessionId: SessionId, reason: ReasonCode): void {
    for (const view of [...(this.#views.get(sessionId)?.views.values() ?? [])]) view.close(reason);
  }

  viewersOf(path: StreamPath): number {
    let count = 0;
    for (const { views } of this.#views.values())
      if ([...views.values()].some((view) => view.path === path)) count += 1;
    return count;
  }

  count(protocol: Protocol): number {
    let count = 0;
    for (const { views } of this.#views.values()) if (views.has(protocol)) count += 1;
    return count;
  }

  sessions(): NodeSession[] {
    const sessions: NodeSession[] = [];
    for (const present of this.#views.values()) {
      const webrtc = present.views.get('webrtc');
      const other = present.views.get('hls') ?? present.views.get('rtsp');
      const view = webrtc !== undefined && (other === undefined || webrtc.connected()) ? webrtc : other;
      if (view !== undefined) sessions.push(this.#describe(present, view));
    }
    return sessions;
  }

  /** Bytes sent to all present viewers since each came. */
  bytesSent(): number {
    let bytes = 0;
    for (const { views } of this.#views.values())
      for (const view of views.values()) bytes += view.stats().bytesSent;
    return bytes;
  }

  drainEnded(): EndedSession[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  #describe({ connectedAt, meter, protocols, views }: Present, view: View): NodeSession {
    const { cameraId, clientAddress, path, profile, protocol, sessionId, userId } = view;
    const stats = [...views.values()].map((one) => one.stats());
    return {
      sessionId,
      userId,
      cameraId,
      profile,
      path,
      protocol,
      protocols: [...protocols],
      clientAddress,
      connectedAt,
      ...meter.read(stats, this.#clock.now()),
      rttMs: view.stats().rttMs,
    };
  }
}
