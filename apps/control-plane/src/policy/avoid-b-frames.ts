import type { DecisionStep, ProfileName, Protocol } from '@vedette/contracts';

export interface Offer {
  readonly profile: ProfileName;
  readonly protocol: Protocol;
}

interface BFrameQuestion {
  /** Best first. */
  readonly offers: readonly Offer[];
  /** What the camera offers, or we make of it. */
  readonly profiles: readonly ProfileName[];
  /** The caller asked for this very stream, and gets no other. */
  readonly isAskedFor: boolean;
  readonly hasBFrames: (profile: ProfileName) => boolean;
}

/**
 * Pictures that are shown in another order than they are sent judder over WebRTC, so no node sends them by it: what
 * we make of main goes in its place where there is such a stream, HLS where there is none. Left as it is where
 * nothing else can be offered: then the node says why not.
 */
export function avoidBFrames({ hasBFrames, isAskedFor, offers, profiles }: BFrameQuestion): {
  readonly offers: readonly Offer[];
  readonly steps: readonly DecisionStep[];
} {
  const isUnfit = ({ profile, protocol }: Offer) => protocol === 'webrtc' && hasBFrames(profile);
  if (!offers.some(isUnfit)) return { offers, steps: [] };
  const hasLite = !isAskedFor && profiles.includes('lite') && !hasBFrames('lite');
  const replaced = offers.flatMap((offer): Offer[] => {
    if (!isUnfit(offer)) return [offer];
    const alsoHls = offers.some(({ profile, protocol }) => profile === offer.profile && protocol === 'hls');
    // The same stream by HLS rather than a smaller one by WebRTC.
    if (!hasLite || offer.profile !== 'main')
      return alsoHls ? [{ profile: offer.profile, protocol: 'hls' }] : [];
    // Who cannot be reached by WebRTC changes to HLS of the same stream.
    const instead = { profile: 'lite', protocol: 'webrtc' } as const;
    return alsoHls ? [instead, { profile: 'lite', protocol: 'hls' }] : [instead];
  });
  const kept = replaced.filter(
    ({ profile, protocol }, index) =>
      replaced.findIndex((other) => other.profile === profile && other.protocol === protocol) === index,
  );
  const [first] = kept;
  if (first === undefined) return { offers, steps: [] };
  return {
    offers: kept,
    steps: [
      {
        step: 'policy',
        result: `${first.profile} by ${first.protocol}`,
        rule: 'b-frames',
        reason: 'The camera sends B-frames, which judder over WebRTC.',
      },
    ],
  };
}
