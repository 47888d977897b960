// Enters: a browser's SDP offer. Leaves: which of its media we send on, with which payload type; or why nothing fits.
// Pure. Not its job: ICE, fingerprints, and writing the answer (answer-sdp.ts).
import type { VideoTrack } from '@vedette/media-types';
import { VedetteError } from '@vedette/runtime';
import { parse, parseParams } from 'sdp-transform';

/** The one video section that will carry the camera. */
export interface AnswerPlan {
  readonly mid: string;
  readonly payloadType: number;
  readonly codec: 'h264' | 'h265';
  /** fmtp of the answer, without the payload type. */
  readonly fmtp: string;
  /** Id of the playout-delay header extension, when the browser offered it. */
  readonly playoutDelayId: number | undefined;
}

interface Candidate {
  readonly mid: string;
  readonly payloadType: number;
  readonly fmtp: string;
  readonly profile: string;
  readonly playoutDelayId: number | undefined;
}

const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
/** Constrained baseline: what every browser decodes, and takes higher profiles under. */
const BASELINE = '42e0';

/**
 * Chooses for `track`, or for a camera whose track is not known yet (H.264 then).
 * Throws `invalid_offer` for what is no offer, `no_common_codec` when the browser cannot decode the camera.
 */
export function planAnswer(offerSdp: string, track: VideoTrack | undefined): AnswerPlan {
  const codec = track?.codec ?? 'h264';
  const candidates = readOffer(offerSdp, codec);
  const best = codec === 'h264' ? bestH264(candidates, profileOf(track)) : candidates[0];
  if (best === undefined) throw new VedetteError('no_common_codec');
  return {
    mid: best.mid,
    payloadType: best.payloadType,
    codec,
    fmtp:
      codec === 'h264'
        ? `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${best.profile}`
        : best.fmtp,
    playoutDelayId: best.playoutDelayId,
  };
}

function readOffer(offerSdp: string, codec: 'h264' | 'h265'): Candidate[] {
  const offer = readSdp(offerSdp);
  const candidates: Candidate[] = [];
  for (const media of offer.media) {
    if (media.type !== 'video' || media.port === 0) continue;
    if (media.direction !== 'recvonly' && media.direction !== 'sendrecv' && media.direction !== undefined)
      continue;
    if (media.mid === undefined) continue;
    const playoutDelayId = media.ext?.find((extension) => extension.uri === PLAYOUT_DELAY)?.value;
    for (const map of media.rtp) {
      // The reader makes numbers of whatever looks like one, also where its types say text.
      if (String(map.codec).toLowerCase() !== codec || !isPayloadType(map.payload)) continue;
      const fmtp = String(media.fmtp.find((line) => line.payload === map.payload)?.config ?? '');
      const parameters = parseParams(fmtp);
      // RFC 6184: without it only single NAL units could be sent, which no key frame fits into.
      if (codec === 'h264' && String(parameters['packetization-mode'] ?? 0) !== '1') continue;
      candidates.push({
        mid: String(media.mid),
        payloadType: map.payload,
        fmtp,
        profile: String(parameters['profile-level-id'] ?? '42e01f').toLowerCase(),
        playoutDelayId,
      });
    }
  }
  return candidates;
}

function isPayloadType(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 127;
}

function readSdp(text: string): ReturnType<typeof parse> {
  if (!/^v=0\r?\n/.test(text)) throw new VedetteError('invalid_offer');
  try {
    const offer = parse(text);
    if (offer.media.length === 0)
      throw new VedetteError('invalid_offer', { detail: 'The offer has no media.' });
    const transport = offer.media[0];
    const has = (key: 'iceUfrag' | 'fingerprint') =>
      offer[key] !== undefined || transport?.[key] !== undefined;
    if (!has('iceUfrag') || !has('fingerprint')) {
      throw new VedetteError('invalid_offer', {
        detail: 'The offer has no ICE credentials or no fingerprint.',
      });
    }
    return offer;
  } catch (cause) {
    throw cause instanceof VedetteError ? cause : new VedetteError('invalid_offer', { cause });
  }
}

/** Same profile as the camera first, then constrained baseline, which browsers decode everything under, then any. */
function bestH264(candidates: readonly Candidate[], profile: string | undefined): Candidate | undefined {
  return (
    candidates.find((candidate) => profile !== undefined && candidate.profile.slice(0, 4) === profile) ??
    candidates.find(
      (candidate) => profile !== undefined && candidate.profile.slice(0, 2) === profile.slice(0, 2),
    ) ??
    candidates.find((candidate) => candidate.profile.startsWith(BASELINE)) ??
    candidates[0]
  );
}

/** profile_idc and constraint flags as hex, from the SPS itself: what a camera's SDP says is often wrong. */
function profileOf(track: VideoTrack | undefined): string | undefined {
  const sps = track?.parameterSets.sps;
  if (sps === undefined || sps.length < 4) return undefined;
  return Buffer.from(sps.subarray(1, 3)).toString('hex');
}
