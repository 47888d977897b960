import type { BrowserProtocol, RenewAnswer, StartAnswer } from '@vedette/contracts';
import type { Grant, View } from './view-grant.ts';

/** As far as a browser is concerned: nothing that only other players can take. */
interface Links {
  readonly url: string;
  readonly token: string;
  readonly fallbacks: readonly Grant[];
}
type BrowserStart = Omit<StartAnswer, 'protocol' | 'fallbacks'> &
  Links & { readonly protocol: BrowserProtocol };
type BrowserRenewal = Omit<RenewAnswer, 'fallbacks'> & Links;

const LEAST_LIFE_MS = 10_000;
const MOST_LIFE_MS = 3_600_000;

/** The answer of control as a view; undefined when it has not the shape that the contract names. */
export function viewOf(answer: unknown, serverNowMs: number): View | undefined {
  if (!isStartAnswer(answer)) return undefined;
  return {
    sessionId: answer.sessionId,
    cameraId: answer.cameraId,
    profile: answer.profile,
    grants: grantsOf(answer, answer.profile, answer.protocol),
    lifeMs: lifeOf(answer.expiresAt, serverNowMs),
    iceServers: answer.iceServers,
    decision: answer.decision,
  };
}

/** `view` with the fresh tokens of a renewal; undefined when the answer has not the shape of one. */
export function renewedView(view: View, answer: unknown, serverNowMs: number): View | undefined {
  if (!isRenewAnswer(answer) || answer.sessionId !== view.sessionId) return undefined;
  const protocol = view.grants[0]?.protocol ?? 'webrtc';
  return {
    ...view,
    grants: grantsOf(answer, view.profile, protocol),
    lifeMs: lifeOf(answer.expiresAt, serverNowMs),
  };
}

function grantsOf(answer: Links, profile: Grant['profile'], protocol: Grant['protocol']): Grant[] {
  const first: Grant = { protocol, profile, url: answer.url, token: answer.token };
  return [first, ...answer.fallbacks.filter((other) => other.profile === profile)];
}

/** Measured by control's own clock: that of the viewer's machine may be hours off. */
function lifeOf(expiresAt: string, serverNowMs: number): number {
  const life = Date.parse(expiresAt) - serverNowMs;
  return Math.min(MOST_LIFE_MS, Math.max(LEAST_LIFE_MS, Number.isFinite(life) ? life : 0));
}

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const text = (value: unknown) => typeof value === 'string';
const protocol = (value: unknown) => value === 'webrtc' || value === 'hls';
const profile = (value: unknown) => value === 'main' || value === 'sub' || value === 'lite';
const optionalText = (value: unknown) => value === undefined || text(value);
const list = (item: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(item);

const isFallback = fits({ protocol, profile, url: text, token: text });
const renewal: Shape = {
  sessionId: text,
  url: text,
  token: text,
  expiresAt: text,
  fallbacks: list(isFallback),
};
const fitsRenewal = fits(renewal);
const fitsStart = fits({
  ...renewal,
  cameraId: text,
  protocol,
  profile,
  iceServers: list(fits({ urls: list(text), username: optionalText, credential: optionalText })),
  decision: list(fits({ step: text, result: text, rule: text, reason: text })),
});

function isStartAnswer(value: unknown): value is BrowserStart {
  return fitsStart(value);
}

function isRenewAnswer(value: unknown): value is BrowserRenewal {
  return fitsRenewal(value);
}

function fits(shape: Shape): (value: unknown) => boolean {
  const checks = Object.entries(shape);
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const fields = new Map(Object.entries(value));
    return checks.every(([name, check]) => check(fields.get(name)));
  };
}
