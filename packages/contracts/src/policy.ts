import { z } from 'zod';
import { TimeWindow } from './grant.ts';
import { BrowserProtocol, CameraId, GroupId, ProfileName, SiteId, UserId } from './ids.ts';
import { DecisionStep, StartRequest } from './start-stream.ts';
import { Role } from './views.ts';

const MOST = 200;
const list = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(MOST);
const text = z.string().trim().min(1).max(100);

/** Facts that are compared with a number. `node.cpu` in cores of the least busy node; `tile.*` in device pixels. */
export const NumberFact = z.enum([
  'camera.tier',
  'camera.viewers',
  'network.rttMs',
  'tile.width',
  'tile.height',
  'tile.count',
  'node.cpu',
]);
export type NumberFact = z.infer<typeof NumberFact>;

/** Facts that hold or do not. `tile.fits-sub`: the small stream fills the tile. */
export const BooleanFact = z.enum([
  'network.udp',
  'client.webrtc',
  'client.hls',
  'client.h264',
  'client.h265',
  'tile.fits-sub',
]);
export type BooleanFact = z.infer<typeof BooleanFact>;

const Test = z.discriminatedUnion('fact', [
  z.strictObject({ fact: z.literal('camera.id'), in: list(CameraId) }),
  z.strictObject({ fact: z.literal('camera.tag'), in: list(text) }),
  z.strictObject({ fact: z.literal('camera.group'), in: list(GroupId) }),
  z.strictObject({ fact: z.literal('camera.site'), in: list(SiteId) }),
  z.strictObject({ fact: z.literal('camera.kind'), in: list(text) }),
  z.strictObject({ fact: z.literal('viewer.role'), in: list(Role) }),
  z.strictObject({ fact: z.literal('viewer.id'), in: list(UserId) }),
  /** CIDRs that the viewer's address lies in. */
  z.strictObject({ fact: z.literal('viewer.network'), in: list(z.union([z.cidrv4(), z.cidrv6()])) }),
  /** Name of the page or wall that asks. */
  z.strictObject({ fact: z.literal('dashboard'), in: list(text) }),
  z.strictObject({ fact: NumberFact, op: z.enum(['<', '<=', '>', '>=']), value: z.number() }),
  z.strictObject({ fact: BooleanFact, is: z.boolean() }),
  z.strictObject({ fact: z.literal('time'), within: TimeWindow }),
]);
export type PolicyTest = z.infer<typeof Test>;

/** A closed set: what is not here cannot be asked. */
export type PolicyCondition =
  | PolicyTest
  | { readonly all: readonly PolicyCondition[] }
  | { readonly any: readonly PolicyCondition[] }
  | { readonly not: PolicyCondition };

/** Deeper than this nobody understands a rule. */
const MAX_DEPTH = 4;

function conditionOf(depth: number): z.ZodType<PolicyCondition> {
  if (depth === 0) return Test;
  const inner = conditionOf(depth - 1);
  return z.union([
    Test,
    z.strictObject({ all: z.array(inner).max(20) }),
    z.strictObject({ any: z.array(inner).min(1).max(20) }),
    z.strictObject({ not: inner }),
  ]);
}
/** `{all: []}` holds always. */
export const PolicyCondition: z.ZodType<PolicyCondition> = conditionOf(MAX_DEPTH);

/** What a rule gives where it applies; the first rule that gives something wins for that. */
export const PolicyOutcome = z.strictObject({
  /** Allowed ones, best first. */
  protocols: z
    .array(BrowserProtocol)
    .min(1)
    .max(2)
    .refine((each) => new Set(each).size === each.length, 'names a protocol twice')
    .optional(),
  /** Allowed ones, best first. */
  profiles: z
    .array(ProfileName)
    .min(1)
    .max(3)
    .refine((each) => new Set(each).size === each.length, 'names a stream twice')
    .optional(),
  /** Of the camera, in all. */
  maxViewers: z.int().min(0).max(1_000_000).optional(),
  /** How long the stream is kept after its last viewer. */
  ttlSeconds: z.int().min(0).max(3600).optional(),
  /** A wish for the recorder, as far as there is one. */
  record: z.boolean().optional(),
  /** Of the view: 0 the most important, 9 the least; that of the camera where no rule says so. */
  tier: z.int().min(0).max(9).optional(),
  /** Takes the place of less important views where there is no room. */
  preempt: z.boolean().optional(),
  /** A case number or reason has to be given, and is written down. */
  askReason: z.boolean().optional(),
  /** Refuses, with the reason of the rule; nothing after it counts. */
  deny: z.literal(true).optional(),
});
export type PolicyOutcome = z.infer<typeof PolicyOutcome>;

export const PolicyRule = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'is lower-case letters, digits and dashes'),
  name: z.string().trim().min(1).max(120),
  enabled: z.boolean().default(true),
  when: PolicyCondition,
  give: PolicyOutcome.refine((outcome) => Object.keys(outcome).length > 0, 'gives nothing'),
  /** Told to whoever it concerns. */
  reason: z.string().trim().min(1).max(300),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

export const PolicyRules = z
  .array(PolicyRule)
  .max(MOST)
  .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, 'uses an id twice');

/** PUT /api/v1/policy. */
export const PolicyInput = z.strictObject({
  /** The version that was looked at, so that nobody overwrites what he has not seen. */
  basedOn: z.int().min(0).max(1_000_000_000),
  note: z.string().trim().max(300).default(''),
  rules: PolicyRules,
});
export type PolicyInput = z.infer<typeof PolicyInput>;

/** GET /api/v1/policy. */
export const PolicyView = z.object({
  /** 0: never changed, these are the default rules. */
  version: z.int(),
  author: z.string().nullable(),
  note: z.string(),
  createdAt: z.iso.datetime().nullable(),
  /** The kept rules cannot be read, and the default ones hold. */
  isBroken: z.boolean(),
  rules: z.array(PolicyRule),
});
export type PolicyView = z.infer<typeof PolicyView>;

/** GET /api/v1/policy/versions item. */
export const PolicyVersion = PolicyView.omit({ rules: true, isBroken: true });
export type PolicyVersion = z.infer<typeof PolicyVersion>;

/** POST /api/v1/policy/try: what would happen if. What is not given is not known. */
export const PolicyTryRequest = z.strictObject({
  cameraId: CameraId,
  /** As this person or token; without it, as the role. */
  userId: UserId.optional(),
  role: Role.default('operator'),
  address: z.union([z.ipv4(), z.ipv6()]).optional(),
  protocol: BrowserProtocol.optional(),
  request: StartRequest.default({}),
  /** Now when absent. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** As it is now when absent. */
  nodeCpu: z.number().min(0).max(1000).optional(),
  viewers: z.int().min(0).optional(),
  /** Rules that are not in force yet; those in force when absent. */
  rules: PolicyRules.optional(),
});
export type PolicyTryRequest = z.infer<typeof PolicyTryRequest>;

/** What became of one rule. */
export const PolicyTrace = z.object({
  rule: z.string(),
  name: z.string(),
  result: z.enum(['applies', 'does-not-apply', 'unknown', 'off', 'after-deny']),
  /** Fields of its outcome that counted; an earlier rule had given the others. */
  gave: z.array(z.string()),
  /** What decided, in words. */
  because: z.array(z.string()),
});
export type PolicyTrace = z.infer<typeof PolicyTrace>;

export const PolicyTryAnswer = z.object({
  /** Undefined when it would be refused. */
  offers: z.array(z.object({ profile: ProfileName, protocol: z.string() })),
  refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
  outcome: PolicyOutcome,
  decision: z.array(DecisionStep),
  trace: z.array(PolicyTrace),
});
export type PolicyTryAnswer = z.infer<typeof PolicyTryAnswer>;
