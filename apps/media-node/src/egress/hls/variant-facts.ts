import { canPackage, codecString } from '@vedette/fmp4';
import type { Track } from '@vedette/media-types';
import type { StreamHub } from '../../hub/stream-hub.ts';
import type { VariantFacts } from './multivariant-playlist.ts';

/** Bits a pixel a frame, and frames a second: a guess at a camera's peak until it is measured. */
const GUESSED_BITS_PER_PIXEL_SECOND = 0.15 * 15;
const GUESSED_AUDIO_BITS = 128_000;
/** A segment's peak over the average of a stream, until it is measured. */
const PEAK = 1.5;
/** Of the sound that is made where a stream's own cannot be packaged. */
export const MADE_SOUND = 'mp4a.40.2';

/** Peak of a stream of which the tracks alone are known, bits a second. */
export function guessedBits(lead: Track | undefined): number {
  const pixels = lead?.kind === 'video' ? lead.width * lead.height : 0;
  return pixels * GUESSED_BITS_PER_PIXEL_SECOND + GUESSED_AUDIO_BITS;
}

/** What is known of a stream that nobody watches by HLS yet; undefined before it had pictures. */
export function variantFacts(hub: Pick<StreamHub, 'currentTracks' | 'stats'>): VariantFacts | undefined {
  const video = hub.currentTracks.find((track) => track.kind === 'video');
  const audio = hub.currentTracks.find((track) => track.kind === 'audio');
  if (video === undefined) return undefined;
  const { bitsPerSecond, frameRate } = hub.stats();
  const average = bitsPerSecond > 0 ? bitsPerSecond : guessedBits(video);
  const sound = audio === undefined ? [] : [canPackage(audio) ? codecString(audio) : MADE_SOUND];
  return {
    codecs: [codecString(video), ...sound],
    resolution: { width: video.width, height: video.height },
    frameRate: frameRate ?? undefined,
    peakBitsPerSecond: average * PEAK,
    averageBitsPerSecond: average,
  };
}

/**
 * Whether a player that began with `chosen` may go over to `other` without being asked: policy has said how much at
 * most, so never to more pixels; and only where the tracks are alike, because a source buffer that began with sound
 * takes nothing without.
 */
export function mayGoOver(chosen: VariantFacts, other: VariantFacts): boolean {
  const pixels = ({ resolution }: VariantFacts) => (resolution?.width ?? 0) * (resolution?.height ?? 0);
  const sound = ({ codecs }: VariantFacts) => codecs.slice(1).join();
  return pixels(other) > 0 && pixels(other) <= pixels(chosen) && sound(other) === sound(chosen);
}
