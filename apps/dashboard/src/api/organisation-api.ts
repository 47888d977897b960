import type {
  GroupId,
  GroupInput,
  GroupView,
  RecorderChange,
  RecorderId,
  RecorderInput,
  RecorderView,
  SiteChange,
  SiteId,
  SiteInput,
  SiteView,
  TenantId,
  TenantInput,
  TenantView,
} from '@vedette/contracts';
import type { ApiResult } from './api-result.ts';
import type { HttpClient } from './http-client.ts';
import type { Page } from './vedette-api.ts';

/** Where cameras belong: sites, groups, recorders, and the tenants of the platform. None of these lists is long. */
export class OrganisationApi {
  readonly #http: HttpClient;

  constructor(options: { http: HttpClient }) {
    this.#http = options.http;
  }

  sites(signal?: AbortSignal): Promise<ApiResult<Page<SiteView>>> {
    return this.#http.call('GET', '/api/v1/sites', { signal });
  }

  addSite(body: SiteInput): Promise<ApiResult<SiteView>> {
    return this.#http.call('POST', '/api/v1/sites', { body });
  }

  changeSite(id: SiteId, body: SiteChange): Promise<ApiResult<SiteView>> {
    return this.#http.call('PATCH', `/api/v1/sites/${id}`, { body });
  }

  deleteSite(id: SiteId): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/sites/${id}`);
  }

  groups(signal?: AbortSignal): Promise<ApiResult<Page<GroupView>>> {
    return this.#http.call('GET', '/api/v1/groups', { signal });
  }

  addGroup(body: GroupInput): Promise<ApiResult<GroupView>> {
    return this.#http.call('POST', '/api/v1/groups', { body });
  }

  changeGroup(id: GroupId, body: GroupInput): Promise<ApiResult<GroupView>> {
    return this.#http.call('PATCH', `/api/v1/groups/${id}`, { body });
  }

  deleteGroup(id: GroupId): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/groups/${id}`);
  }

  recorders(signal?: AbortSignal): Promise<ApiResult<Page<RecorderView>>> {
    return this.#http.call('GET', '/api/v1/recorders', { signal });
  }

  addRecorder(body: RecorderInput): Promise<ApiResult<RecorderView>> {
    return this.#http.call('POST', '/api/v1/recorders', { body });
  }

  changeRecorder(id: RecorderId, body: RecorderChange): Promise<ApiResult<RecorderView>> {
    return this.#http.call('PATCH', `/api/v1/recorders/${id}`, { body });
  }

  deleteRecorder(id: RecorderId): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/recorders/${id}`);
  }

  tenants(signal?: AbortSignal): Promise<ApiResult<Page<TenantView>>> {
    return this.#http.call('GET', '/api/v1/tenants', { signal });
  }

  addTenant(body: Omit<TenantInput, 'id'> & { readonly id?: string }): Promise<ApiResult<TenantView>> {
    return this.#http.call('POST', '/api/v1/tenants', { body });
  }

  renameTenant(id: TenantId, name: string): Promise<ApiResult<TenantView>> {
    return this.#http.call('PATCH', `/api/v1/tenants/${id}`, { body: { name } });
  }

  deleteTenant(id: TenantId): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/tenants/${id}`);
  }
}
