// Enters: what a caller asked for and can do, what the camera offers. Leaves: profile and protocols, with reasons.
// Not its job: whether the caller may see the camera (access), whether there is room (admission).
import type {
  CameraProfile,
  DecisionStep,
  ProfileName,
  Protocol,
  Role,
  StartRequest,
} from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';

export interface DeliveryQuestion {
  readonly request: StartRequest;
  /** `?protocol=` of the request. */
  readonly wishedProtocol: Protocol | undefined;
  /** What the camera offers, never empty. */
  readonly profiles: readonly CameraProfile[];
  readonly role: Role;
  /** Of the least busy node, cores; undefined when not known. */
  readonly nodeCpu: number | undefined;
}

export interface Delivery {
  readonly profile: ProfileName;
  /** Best first; never empty. */
  readonly protocols: readonly Protocol[];
  readonly steps: readonly DecisionStep[];
}

interface Choice<T> {
  readonly value: T;
  readonly rule: string;
  readonly reason: string;
}

/** Tiles up to this wide count as small when there are several. */
const GRID_TILE_WIDTH = 640;
/** From here on, who only watches gets the protocol that costs a node least. */
const BUSY_CPU = 0.85;

/** Throws VedetteError `no_common_codec` when nothing that the camera offers can be shown. */
export function decideDelivery(question: DeliveryQuestion): Delivery {
  const profile = chooseProfile(question, decodable(question));
  const protocols = chooseProtocols(question);
  return {
    profile: profile.value,
    protocols: protocols.value,
    steps: [
      { step: 'policy', result: profile.value, rule: profile.rule, reason: profile.reason },
      {
        step: 'policy',
        result: protocols.value.join(', '),
        rule: protocols.rule,
        reason: protocols.reason,
      },
    ],
  };
}

/** Drops what is known not to decode; what is not known stays. */
function decodable({ profiles, request }: DeliveryQuestion): readonly CameraProfile[] {
  const { h264, h265 } = request.capabilities ?? {};
  const shown = profiles.filter(({ codec }) => {
    const family = codecFamily(codec);
    return !(family === 'h264' && h264 === false) && !(family === 'h265' && h265 === false);
  });
  if (shown.length === 0) {
    const codecs = [...new Set(profiles.map((profile) => profile.codec))].join(', ');
    throw new VedetteError('no_common_codec', {
      detail: `The camera sends ${codecs}, which cannot be decoded here.`,
    });
  }
  return shown;
}

/** Plain names, or codec strings as in RFC 6381. */
function codecFamily(codec: string | null): 'h264' | 'h265' | undefined {
  if (codec === null) return undefined;
  if (/^(h\.?264|avc)/i.test(codec)) return 'h264';
  return /^(h\.?265|hevc|hvc1|hev1)/i.test(codec) ? 'h265' : undefined;
}

function chooseProfile(
  { request, profiles: offered }: DeliveryQuestion,
  profiles: readonly CameraProfile[],
): Choice<ProfileName> {
  const has = (name: ProfileName) => profiles.some((profile) => profile.name === name);
  const only = profiles.length === 1 ? profiles[0] : undefined;
  const wish = request.profile;
  if (wish !== undefined && has(wish)) {
    return { value: wish, rule: 'profile-asked', reason: `The request asks for the ${wish} stream.` };
  }
  if (only !== undefined) {
    const missing = wish === undefined ? '' : ` There is no ${wish} stream to show.`;
    return {
      value: only.name,
      rule: 'profile-only',
      reason: `The ${only.name} stream is the only one that fits.${missing}`,
    };
  }
  const large = has('main') ? 'main' : has('lite') ? 'lite' : 'sub';
  const small = has('sub') ? 'sub' : large;
  const isReplaced = large !== 'main' && offered.some(({ name }) => name === 'main');
  const full = (rule: string, reason: string): Choice<ProfileName> =>
    isReplaced
      ? {
          value: large,
          rule: 'main-not-decodable',
          reason: `${reason} The main stream cannot be decoded here.`,
        }
      : { value: large, rule, reason };
  const tile = request.tile;
  if (tile === undefined) return full('tile-unknown', 'The size of the picture is not known.');
  const size = `${tile.width}x${tile.height}`;
  if (tile.tiles === 1) return full('tile-single', `One picture of ${size} on the wall.`);
  if (small === large) return full('tile-wide', `A tile of ${size}, and no smaller stream.`);
  if (tile.tiles !== undefined && tile.width <= GRID_TILE_WIDTH) {
    return { value: small, rule: 'tile-grid', reason: `One of ${tile.tiles} pictures, ${size} each.` };
  }
  const sub = profiles.find((profile) => profile.name === small);
  if (sub?.width != null && sub.height != null && sub.width >= tile.width && sub.height >= tile.height) {
    return {
      value: small,
      rule: 'tile-smallest',
      reason: `The ${small} stream of ${sub.width}x${sub.height} fills a tile of ${size}.`,
    };
  }
  return full('tile-wide', `A tile of ${size} is more than the ${small} stream fills.`);
}

function chooseProtocols(question: DeliveryQuestion): Choice<readonly Protocol[]> {
  const { nodeCpu, request, role, wishedProtocol } = question;
  const can = request.capabilities ?? {};
  if (wishedProtocol === 'rtsp') {
    return { value: ['rtsp'], rule: 'protocol-asked', reason: 'The request asks for RTSP.' };
  }
  if (can.webrtc === false && can.hls === false) {
    throw new VedetteError('no_common_codec', { detail: 'This client plays neither WebRTC nor HLS.' });
  }
  if (can.hls === false) {
    return { value: ['webrtc'], rule: 'no-hls', reason: 'The client cannot play HLS.' };
  }
  if (can.webrtc === false) {
    return { value: ['hls'], rule: 'no-webrtc', reason: 'The client cannot play WebRTC.' };
  }
  if (wishedProtocol === 'hls') {
    return { value: ['hls'], rule: 'protocol-asked', reason: 'The request asks for HLS.' };
  }
  if (request.network?.udp === false) {
    return { value: ['hls'], rule: 'no-udp', reason: 'UDP does not get through to the client.' };
  }
  if (wishedProtocol === 'webrtc') {
    return { value: ['webrtc', 'hls'], rule: 'protocol-asked', reason: 'The request asks for WebRTC.' };
  }
  if (role === 'viewer' && nodeCpu !== undefined && nodeCpu >= BUSY_CPU) {
    return { value: ['hls'], rule: 'busy', reason: 'The media nodes are busy; operators keep WebRTC.' };
  }
  return { value: ['webrtc', 'hls'], rule: 'lowest-delay', reason: 'WebRTC has the lowest delay.' };
}
