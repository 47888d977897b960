import type {
  AlertDelivery,
  AlertTargetChange,
  AlertTargetCreated,
  AlertTargetInput,
  AlertTargetView,
  AlertTestAnswer,
  DeliveryState,
} from '@vedette/contracts';
import type { ApiResult } from './api-result.ts';
import type { HttpClient } from './http-client.ts';
import type { Page } from './vedette-api.ts';

/** Whom to tell of what goes wrong, and what became of telling them. */
export class AlertsApi {
  readonly #http: HttpClient;

  constructor(options: { http: HttpClient }) {
    this.#http = options.http;
  }

  targets(signal?: AbortSignal): Promise<ApiResult<Page<AlertTargetView>>> {
    return this.#http.call('GET', '/api/v1/alert-targets', { signal });
  }

  addTarget(body: AlertTargetInput): Promise<ApiResult<AlertTargetCreated>> {
    return this.#http.call('POST', '/api/v1/alert-targets', { body });
  }

  changeTarget(id: string, body: AlertTargetChange): Promise<ApiResult<AlertTargetView>> {
    return this.#http.call('PATCH', `/api/v1/alert-targets/${id}`, { body });
  }

  deleteTarget(id: string): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/alert-targets/${id}`);
  }

  testTarget(id: string): Promise<ApiResult<AlertTestAnswer>> {
    return this.#http.call('POST', `/api/v1/alert-targets/${id}/test`);
  }

  deliveries(
    state: DeliveryState | undefined,
    signal?: AbortSignal,
  ): Promise<ApiResult<Page<AlertDelivery>>> {
    return this.#http.call('GET', '/api/v1/alert-deliveries', { query: { state, limit: 100 }, signal });
  }

  retry(id: string): Promise<ApiResult<void>> {
    return this.#http.call('POST', `/api/v1/alert-deliveries/${id}/retry`);
  }
}
