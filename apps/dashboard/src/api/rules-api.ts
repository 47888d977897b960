import type {
  LimitsChange,
  LimitsView,
  PolicyInput,
  PolicyRule,
  PolicyTryAnswer,
  PolicyTryRequest,
  PolicyVersion,
  PolicyView,
} from '@vedette/contracts';
import type { ApiResult } from './api-result.ts';
import type { HttpClient } from './http-client.ts';
import type { Page } from './vedette-api.ts';

/** How much may be used at once, and the rules by which it is delivered. */
export class RulesApi {
  readonly #http: HttpClient;

  constructor(options: { http: HttpClient }) {
    this.#http = options.http;
  }

  limits(signal?: AbortSignal): Promise<ApiResult<LimitsView>> {
    return this.#http.call('GET', '/api/v1/limits', { signal });
  }

  setLimits(body: LimitsChange): Promise<ApiResult<LimitsView>> {
    return this.#http.call('PUT', '/api/v1/limits', { body });
  }

  policy(signal?: AbortSignal): Promise<ApiResult<PolicyView>> {
    return this.#http.call('GET', '/api/v1/policy', { signal });
  }

  setPolicy(body: PolicyInput): Promise<ApiResult<PolicyView>> {
    return this.#http.call('PUT', '/api/v1/policy', { body });
  }

  /** Those that hold without any configuration. */
  defaultPolicy(signal?: AbortSignal): Promise<ApiResult<{ readonly rules: PolicyRule[] }>> {
    return this.#http.call('GET', '/api/v1/policy/default', { signal });
  }

  policyVersions(signal?: AbortSignal): Promise<ApiResult<Page<PolicyVersion>>> {
    return this.#http.call('GET', '/api/v1/policy/versions', { query: { limit: 100 }, signal });
  }

  policyVersion(version: number, signal?: AbortSignal): Promise<ApiResult<PolicyView>> {
    return this.#http.call('GET', `/api/v1/policy/versions/${version}`, { signal });
  }

  restorePolicy(version: number): Promise<ApiResult<PolicyView>> {
    return this.#http.call('POST', `/api/v1/policy/versions/${version}/restore`);
  }

  tryPolicy(body: PolicyTryRequest, signal?: AbortSignal): Promise<ApiResult<PolicyTryAnswer>> {
    return this.#http.call('POST', '/api/v1/policy/try', { body, signal });
  }
}
