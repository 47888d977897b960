// Enters: the sound of a stream as the hub has it. Leaves: RTP in a codec that was negotiated: as it is where the
// browser takes it, as Opus of a shared rendition where not. Not its job: pictures, feedback, making Opus.
import { randomInt } from 'node:crypto';
import type { AudioTrack, EncodedFrame, Track } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import type { AudioRendition, AudioRenditionPort } from '../../hub/audio-rendition-port.ts';
import type { StreamHub } from '../../hub/stream-hub.ts';
import { type AnswerPlan, isPassedThrough } from './answer-plan.ts';
import { AUDIO_CLOCK_RATES, AudioSender, type AudioStamps } from './audio-sender.ts';
import type { SenderReports } from './sender-reports.ts';

export interface SessionSoundOptions {
  readonly sessionId: string;
  readonly hub: StreamHub;
  readonly plan: NonNullable<AnswerPlan['audio']>;
  readonly ssrc: number;
  readonly clock: Clock;
  /** Without it, sound that browsers do not take is not sent. */
  readonly renditions: AudioRenditionPort | undefined;
  readonly reports: (clockRate: number) => SenderReports;
  readonly send: (packet: Buffer) => void;
  readonly onSent: (bytes: number) => void;
}

export class SessionSound {
  readonly #options: SessionSoundOptions;
  readonly #stamps: AudioStamps = {
    sequence: randomInt(2 ** 15),
    next: randomInt(2 ** 31),
    endsAtMs: undefined,
  };
  #sender: AudioSender | undefined;
  #rendition: AudioRendition | undefined;
  #source: AudioTrack | undefined;
  /** Capture time of the zero of the source's time line, ms since the Unix epoch. */
  #captureZeroMs: number | undefined;

  constructor(options: SessionSoundOptions) {
    this.#options = options;
  }

  /** What the stream's sound is from now on. */
  hear(track: AudioTrack | undefined): void {
    // A viewer who lost a picture subscribes anew; its sound was never interrupted.
    if (track === this.#source && track !== undefined) return;
    this.#source = track;
    this.#captureZeroMs = undefined;
    const format =
      track !== undefined && isPassedThrough(track)
        ? this.#options.plan.formats.find((candidate) => candidate.codec === track.codec)
        : undefined;
    if (track !== undefined && format === undefined) {
      this.#askForOpus();
      return;
    }
    this.#leaveRendition();
    this.#sender = track === undefined || format === undefined ? undefined : this.#senderOf(track, format);
  }

  /** A frame of the stream's own sound. */
  frame(frame: EncodedFrame): void {
    if (this.#rendition === undefined) {
      this.#say(frame);
      return;
    }
    const clockRate = this.#source?.clockRate ?? 0;
    if (clockRate > 0) this.#captureZeroMs = frame.wallClockMs - (frame.ptsTicks * 1000) / clockRate;
  }

  close(): void {
    this.#leaveRendition();
    this.#sender = undefined;
  }

  #askForOpus(): void {
    const { hub, plan, renditions, sessionId } = this.#options;
    const format = plan.formats.find((candidate) => candidate.codec === 'opus');
    if (this.#rendition !== undefined || format === undefined || renditions === undefined) return;
    this.#sender = undefined;
    const rendition = renditions.open(hub, 'opus');
    this.#rendition = rendition;
    rendition.hub.subscribe(
      {
        id: sessionId,
        tracks: (tracks: readonly Track[]) => {
          const track = tracks.find((candidate) => candidate.kind === 'audio');
          this.#sender = track?.codec === 'opus' ? this.#senderOf(track, format) : undefined;
        },
        frame: (frame: EncodedFrame) => this.#sayMade(frame),
        close: () => undefined,
      },
      'none',
    );
  }

  #leaveRendition(): void {
    this.#rendition?.hub.unsubscribe(this.#options.sessionId);
    this.#rendition?.release();
    this.#rendition = undefined;
  }

  #senderOf(track: AudioTrack, format: AudioSender['format']): AudioSender {
    const { reports, send, ssrc } = this.#options;
    return new AudioSender({
      ssrc,
      format,
      track,
      stamps: this.#stamps,
      reports: reports(AUDIO_CLOCK_RATES[format.codec]),
      send,
    });
  }

  /** Made sound belongs to the moment at which its source was captured, not to the one at which it was ready. */
  #sayMade(frame: EncodedFrame): void {
    const clockRate = this.#rendition?.hub.currentTracks.find((track) => track.kind === 'audio')?.clockRate;
    if (this.#captureZeroMs === undefined || clockRate === undefined) this.#say(frame);
    else this.#say({ ...frame, wallClockMs: this.#captureZeroMs + (frame.ptsTicks * 1000) / clockRate });
  }

  #say(frame: EncodedFrame): void {
    if (this.#sender?.frame(frame, this.#options.clock.now()) === true) {
      this.#options.onSent(frame.data.byteLength);
    }
  }
}
