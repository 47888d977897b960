// What one RTSP publisher announces and sends in; tracks and frames out, on the time line of the run.
// Not its job: who may publish, and what happens when it is gone.
import type { FrameSink } from '@vedette/media-types';
import {
  type ChosenMedia,
  chooseMedia,
  parseSdp,
  type RtspRecording,
  RtspRefusal,
  type SdpMedia,
} from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import { PulledMedia } from '../rtsp/pulled-media.ts';
import type { TranscodeVideo } from '../rtsp/transcode-video.ts';

export interface RtspReceptionOptions {
  readonly sdp: string;
  readonly sink: FrameSink;
  /** Where the time line of the run stands, ticks of 90 kHz; undefined when it begins. */
  readonly lastTicks: number | undefined;
  readonly transcodeVideo?: TranscodeVideo | undefined;
  readonly clock: Clock;
  readonly onPublishing: () => void;
  readonly onEnded: () => void;
}

export class RtspReception implements RtspRecording {
  readonly #options: RtspReceptionOptions;
  readonly #sections: readonly (SdpMedia | undefined)[];
  readonly #chosen: ChosenMedia;
  #media: PulledMedia | undefined;
  #connection: { end(): void } | undefined;
  #over = false;

  /** Throws RtspRefusal where there is nothing to be played. */
  constructor(options: RtspReceptionOptions) {
    this.#options = options;
    this.#sections = sectionsOf(options.sdp);
    try {
      const media = this.#sections.filter((section) => section !== undefined);
      this.#chosen = chooseMedia(media, { anyVideo: options.transcodeVideo !== undefined });
    } catch {
      throw new RtspRefusal(415, 'nothing of this can be played');
    }
  }

  /** Ticks of 90 kHz. */
  get lastTicks(): number | undefined {
    return this.#media?.lastTicks ?? this.#options.lastTicks;
  }

  get packetsLost(): number {
    return this.#media?.packetsLost ?? 0;
  }

  began(connection: { readonly overUdp: boolean; end(): void }): void {
    const { clock, lastTicks, onPublishing, sink, transcodeVideo } = this.#options;
    if (this.#over) {
      connection.end();
      return;
    }
    this.#connection = connection;
    const options = {
      media: this.#chosen,
      unordered: connection.overUdp,
      lastTicks,
      transcodeVideo,
      clock,
      sink,
    };
    this.#media = new PulledMedia(options);
    this.#media.failed.catch(() => this.end());
    onPublishing();
  }

  rtp(section: number, data: Uint8Array): void {
    const kind = this.#kindOf(section);
    if (kind !== undefined) this.#media?.rtp(kind, data);
  }

  rtcp(section: number, data: Uint8Array): void {
    const kind = this.#kindOf(section);
    if (kind !== undefined) this.#media?.rtcp(kind, data);
  }

  /** Sends the publisher away. */
  end(): void {
    this.#connection?.end();
    this.ended();
  }

  ended(): void {
    if (this.#over) return;
    this.#over = true;
    void this.#media?.close();
    this.#options.onEnded();
  }

  #kindOf(section: number): 'video' | 'audio' | undefined {
    const media = this.#sections[section];
    if (media === undefined) return undefined;
    if (media === this.#chosen.video) return 'video';
    return media === this.#chosen.audio ? 'audio' : undefined;
  }
}

/** In the order of the session description; what cannot be read keeps its place. */
function sectionsOf(sdp: string): (SdpMedia | undefined)[] {
  return sdp
    .split(/\r?\n(?=m=)/)
    .slice(1)
    .map((section) => parseSdp(section).media[0]);
}
