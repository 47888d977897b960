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

/** What a publisher says that it sends, section by section; what cannot be read keeps its place. */
export interface Announcement {
  readonly sections: readonly (SdpMedia | undefined)[];
  readonly chosen: ChosenMedia;
}

export interface RtspReceptionOptions {
  readonly announced: Announcement;
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
  #media: PulledMedia | undefined;
  #connection: { end(): void } | undefined;
  #over = false;

  constructor(options: RtspReceptionOptions) {
    this.#options = options;
  }

  /** Ticks of 90 kHz. */
  get lastTicks(): number | undefined {
    return this.#media?.lastTicks ?? this.#options.lastTicks;
  }

  get packetsLost(): number {
    return this.#media?.packetsLost ?? 0;
  }

  began(connection: { readonly overUdp: boolean; end(): void }): void {
    const { announced, clock, lastTicks, onPublishing, sink, transcodeVideo } = this.#options;
    if (this.#over) {
      connection.end();
      return;
    }
    this.#connection = connection;
    const options = {
      media: announced.chosen,
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
    const { chosen, sections } = this.#options.announced;
    const media = sections[section];
    if (media === undefined) return undefined;
    if (media === chosen.video) return 'video';
    return media === chosen.audio ? 'audio' : undefined;
  }
}

/** Throws RtspRefusal where there is nothing to be played. */
export function readAnnouncement(sdp: string, options: { readonly anyVideo: boolean }): Announcement {
  const sections = sdp
    .split(/\r?\n(?=m=)/)
    .slice(1)
    .map((section) => parseSdp(section).media[0]);
  try {
    const media = sections.filter((section) => section !== undefined);
    return { sections, chosen: chooseMedia(media, options) };
  } catch {
    throw new RtspRefusal(415, 'nothing of this can be played');
  }
}
