// Enters: what a caller asked for and can do, what the camera offers, what the rules give. Leaves: offers, best first.
// Rules order and restrict; what cannot be decoded, or is not there, no rule can give. A wish chooses among the rest.
// Not its job: whether the caller may see the camera (access), whether there is room (admission).
import type {
  CameraProfile,
  DecisionStep,
  PolicyRule,
  ProfileName,
  Protocol,
  StartRequest,
} from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { PolicyResult } from './evaluate-policy.ts';

export interface DeliveryQuestion {
  readonly request: StartRequest;
  /** `?protocol=` of the request. */
  readonly wishedProtocol: Protocol | undefined;
  /** What the camera offers, never empty. */
  readonly profiles: readonly CameraProfile[];
  readonly policy: PolicyResult;
}

export interface DeliveryOffer {
  readonly profile: ProfileName;
  readonly protocol: Protocol;
}

export interface Delivery {
  /** Best first; never empty. */
  readonly offers: readonly DeliveryOffer[];
  /** The request names a stream, and is given that one alone. */
  readonly isAskedFor: boolean;
  readonly steps: readonly DecisionStep[];
}

interface Choice<T> {
  readonly value: readonly T[];
  readonly rule: string;
  readonly reason: string;
}

/** The largest first. */
const ALL_PROFILES: readonly ProfileName[] = ['main', 'lite', 'sub'];

/**
 * Throws VedetteError `denied_by_policy`, `reason_required`, or `no_common_codec` when nothing that the camera
 * offers can be shown.
 */
export function decideDelivery(question: DeliveryQuestion): Delivery {
  const { by, outcome } = question.policy;
  if (outcome.deny === true)
    throw new VedetteError('denied_by_policy', { detail: by.deny?.reason ?? 'A rule denies it.' });
  if (outcome.askReason === true && question.request.reason === undefined)
    throw new VedetteError('reason_required', {
      detail: by.askReason?.reason ?? 'A rule asks for a reason.',
    });
  const profiles = chooseProfiles(question, decodable(question));
  const protocols = chooseProtocols(question);
  return {
    offers: protocols.value.flatMap((protocol) => profiles.value.map((profile) => ({ profile, protocol }))),
    isAskedFor: profiles.rule === 'profile-asked',
    steps: [
      step(profiles.value[0] ?? '', profiles),
      step(protocols.value.join(', '), protocols),
      ...otherSteps(question.policy),
    ],
  };
}

/** What rules gave beside stream and protocol, for the record. */
function otherSteps({ by, outcome }: PolicyResult): DecisionStep[] {
  const said = (rule: PolicyRule | undefined, result: string): DecisionStep[] =>
    rule === undefined ? [] : [{ step: 'policy', result, rule: rule.id, reason: rule.reason }];
  return [
    ...said(by.maxViewers, `at most ${outcome.maxViewers} viewers`),
    ...said(by.tier, `tier ${outcome.tier}`),
    ...said(by.ttlSeconds, `kept ${outcome.ttlSeconds} s`),
    ...said(by.askReason, 'a reason is given'),
  ];
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

function chooseProfiles(
  { policy, profiles: offered, request }: DeliveryQuestion,
  playable: readonly CameraProfile[],
): Choice<ProfileName> {
  const has = (name: ProfileName) => playable.some((profile) => profile.name === name);
  const allowed = (policy.outcome.profiles ?? ALL_PROFILES).filter(has);
  const rule = policy.by.profiles;
  const wish = request.profile;
  if (allowed.length === 0) {
    return {
      value: ALL_PROFILES.filter(has),
      rule: 'profile-only',
      reason: 'The camera has none of the streams that the rules name.',
    };
  }
  if (wish !== undefined && allowed.includes(wish))
    return { value: [wish], rule: 'profile-asked', reason: `The request asks for the ${wish} stream.` };
  const [first, ...others] = allowed;
  const missing = wish === undefined ? '' : ` There is no ${wish} stream to give.`;
  if (others.length === 0 && playable.length === 1)
    return {
      value: allowed,
      rule: 'profile-only',
      reason: `The ${first} stream is the only one that fits.${missing}`,
    };
  const isReplaced =
    policy.outcome.profiles?.[0] === 'main' &&
    first !== 'main' &&
    offered.some(({ name }) => name === 'main');
  if (isReplaced)
    return {
      value: allowed,
      rule: 'main-not-decodable',
      reason: `${rule?.reason ?? ''} The main stream cannot be decoded here.`.trim(),
    };
  return {
    value: allowed,
    rule: rule?.id ?? 'no-rule',
    reason: `${rule?.reason ?? 'No rule says which stream.'}${missing}`,
  };
}

function chooseProtocols(question: DeliveryQuestion): Choice<Protocol> {
  const { policy, request, wishedProtocol } = question;
  const can = request.capabilities ?? {};
  if (wishedProtocol === 'rtsp')
    return { value: ['rtsp'], rule: 'protocol-asked', reason: 'The request asks for RTSP.' };
  if (can.webrtc === false && can.hls === false)
    throw new VedetteError('no_common_codec', { detail: 'This client plays neither WebRTC nor HLS.' });
  if (can.hls === false) return { value: ['webrtc'], rule: 'no-hls', reason: 'The client cannot play HLS.' };
  if (can.webrtc === false)
    return { value: ['hls'], rule: 'no-webrtc', reason: 'The client cannot play WebRTC.' };
  const allowed: readonly Protocol[] = policy.outcome.protocols ?? ['webrtc', 'hls'];
  const rule = policy.by.protocols;
  const given = { rule: rule?.id ?? 'no-rule', reason: rule?.reason ?? 'No rule says which protocol.' };
  if (wishedProtocol === undefined) return { value: allowed, ...given };
  if (!allowed.includes(wishedProtocol)) return { value: allowed, ...given };
  // HLS is where WebRTC falls back to, never the other way: who asks for HLS is given that.
  const value: readonly Protocol[] =
    wishedProtocol === 'hls' ? ['hls'] : ['webrtc', ...allowed.filter((other) => other !== 'webrtc')];
  const name = { webrtc: 'WebRTC', hls: 'HLS' }[wishedProtocol];
  return { value, rule: 'protocol-asked', reason: `The request asks for ${name}.` };
}

function step<T>(result: string, { reason, rule }: Choice<T>): DecisionStep {
  return { step: 'policy', result, rule, reason };
}
