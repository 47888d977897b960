import type { PolicyTryAnswer, PolicyTryRequest, UserId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { LocalTimes } from '../access/local-time.ts';
import { authorize } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import type { ViewAccess } from '../sessions/view-access.ts';
import type { CameraCatalog } from '../streams/camera-catalog.ts';
import { compilePolicy } from './compile-policy.ts';
import type { Decided, DeliveryAsk, DeliveryPolicy } from './delivery-policy.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import { tracePolicy } from './trace-policy.ts';

interface Refused {
  readonly refusal: { readonly code: string; readonly detail: string };
}

interface TryPolicyOptions {
  readonly policy: Pick<DeliveryPolicy, 'look' | 'deliver'>;
  readonly access: Pick<ViewAccess, 'decide' | 'mayView' | 'who'>;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly times: LocalTimes;
}

/** Answers "what would happen if" by the code that a start runs. */
export class TryPolicy {
  readonly #options: TryPolicyOptions;

  constructor(options: TryPolicyOptions) {
    this.#options = options;
  }

  /** Throws VedetteError `camera_not_found`, and `not_found` for a person who is not there. */
  async answer(asker: Principal, supposed: PolicyTryRequest): Promise<PolicyTryAnswer> {
    const { access, catalog, policy, times } = this.#options;
    const camera = (await access.mayView(asker, supposed.cameraId))
      ? await catalog.find(supposed.cameraId)
      : undefined;
    if (camera === undefined) throw new VedetteError('camera_not_found');
    const principal = await this.#viewer(asker, supposed.userId);
    const ask: DeliveryAsk = {
      principal: principal ?? { id: asker.id, role: supposed.role },
      camera,
      request: supposed.request,
      wishedProtocol: supposed.protocol,
      clientAddress: supposed.address,
    };
    const { facts, rules } = await policy.look(ask, {
      nodeCpu: supposed.nodeCpu,
      viewers: supposed.viewers,
      nowMs: supposed.at === undefined ? undefined : Date.parse(supposed.at),
      rules: supposed.rules === undefined ? undefined : compilePolicy(supposed.rules, times),
    });
    // Nobody in particular is not the one who asks.
    const known = principal === undefined ? { ...facts, viewerId: undefined } : facts;
    const result = evaluatePolicy(rules, known);
    const decided =
      (await this.#noAccess(asker, principal, supposed)) ?? attempt(() => policy.deliver(ask, result));
    return {
      offers: 'refusal' in decided ? [] : [...decided.offers],
      refusal: 'refusal' in decided ? decided.refusal : null,
      outcome: result.outcome,
      decision: 'refusal' in decided ? [] : [...decided.steps],
      trace: tracePolicy(
        rules.map(({ rule }) => rule),
        known,
        times,
      ),
    };
  }

  /** Why whoever it is would not get as far as the rules; undefined when they would. */
  async #noAccess(
    asker: Principal,
    principal: Principal | undefined,
    { cameraId, role }: PolicyTryRequest,
  ): Promise<Refused | undefined> {
    const { scopes: _, ...somebody } = asker;
    const permission = authorize(principal ?? { ...somebody, role }, 'view.watch');
    const decision =
      permission.allowed && principal !== undefined
        ? await this.#options.access.decide(principal, cameraId)
        : permission;
    if (decision.allowed) return undefined;
    const { code, reason } = decision;
    return { refusal: { code, detail: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.` } };
  }

  async #viewer(asker: Principal, userId: UserId | undefined): Promise<Principal | undefined> {
    if (userId === undefined) return undefined;
    const who = await this.#options.access.who(userId);
    if (who?.tenantId !== asker.tenantId) throw new VedetteError('not_found');
    return who;
  }
}

function attempt(decide: () => Decided): Decided | Refused {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof VedetteError)) throw error;
    return { refusal: { code: error.code, detail: error.message } };
  }
}
