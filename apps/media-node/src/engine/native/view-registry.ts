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

/** What a way out tells of one viewer when asked. */
export interface ViewStats {
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly framesDropped: number;
  readonly packetsLost: number;
  readonly rttMs: number | null;
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

interface Entry {
  readonly view: View;
  readonly connectedAt: number;
}

/** Ended views that control has not fetched; beyond it the oldest are forgotten, control lapses them by itself. */
const MAX_ENDED = 5000;

export class ViewRegistry {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  /** A view may use two protocols for a moment, while one takes over from the other. */
  readonly #views = new Map<SessionId, Map<Protocol, Entry>>();
  #ended: EndedSession[] = [];

  constructor(options: { clock: Clock; onChange: () => void }) {
    this.#clock = options.clock;
    this.#onChange = options.onChange;
  }

  add(view: View): void {
    const entries = this.#views.get(view.sessionId) ?? new Map<Protocol, Entry>();
    entries.set(view.protocol, { view, connectedAt: this.#clock.wallNow() });
    this.#views.set(view.sessionId, entries);
    this.#onChange();
  }

  /** Told by the way out when a viewer is gone; `view` must be the one that was added, a successor stays. */
  remove(view: View, reason: ReasonCode): void {
    const entries = this.#views.get(view.sessionId);
    const entry = entries?.get(view.protocol);
    if (entries === undefined || entry === undefined || entry.view !== view) return;
    entries.delete(view.protocol);
    if (entries.size === 0) {
      this.#views.delete(view.sessionId);
      const endedAt = this.#clock.wallNow();
      this.#ended.push({
        sessionId: view.sessionId,
        reason,
        endedAt,
        seconds: Math.max(0, endedAt - entry.connectedAt) / 1000,
        bytesSent: view.stats().bytesSent,
      });
      if (this.#ended.length > MAX_ENDED) this.#ended.shift();
    }
    this.#onChange();
  }

  /** Something about a view changed that reports should tell at once, such as its media flowing. */
  touched(): void {
    this.#onChange();
  }

  close(sessionId: SessionId, reason: ReasonCode): void {
    for (const entry of [...(this.#views.get(sessionId)?.values() ?? [])]) entry.view.close(reason);
  }

  viewersOf(path: StreamPath): number {
    let count = 0;
    for (const entries of this.#views.values()) {
      for (const entry of entries.values()) {
        if (entry.view.path === path) {
          count += 1;
          break;
        }
      }
    }
    return count;
  }

  count(protocol: Protocol): number {
    let count = 0;
    for (const entries of this.#views.values()) if (entries.has(protocol)) count += 1;
    return count;
  }

  sessions(): NodeSession[] {
    const sessions: NodeSession[] = [];
    for (const entries of this.#views.values()) {
      const webrtc = entries.get('webrtc');
      const other = entries.get('hls') ?? entries.get('rtsp');
      const entry = webrtc !== undefined && (other === undefined || webrtc.view.connected()) ? webrtc : other;
      if (entry === undefined) continue;
      const { sessionId, userId, cameraId, profile, path, protocol, clientAddress } = entry.view;
      sessions.push({
        sessionId,
        userId,
        cameraId,
        profile,
        path,
        protocol,
        clientAddress,
        connectedAt: entry.connectedAt,
        ...entry.view.stats(),
      });
    }
    return sessions;
  }

  /** Bytes sent to all present viewers since each came. */
  bytesSent(): number {
    let bytes = 0;
    for (const entries of this.#views.values())
      for (const { view } of entries.values()) bytes += view.stats().bytesSent;
    return bytes;
  }

  drainEnded(): EndedSession[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }
}
