import type {
  ApiTokenCreated,
  ApiTokenInput,
  ApiTokenView,
  AuditEntry,
  AuditVerdict,
  Camera,
  CameraChange,
  CameraCreated,
  CameraHistory,
  CameraId,
  CameraImportAnswer,
  CameraImportRequest,
  CameraInput,
  CameraInputFields,
  CameraProfiles,
  CameraUse,
  Discovery,
  DiscoveryPlaces,
  DiscoveryRequest,
  Me,
  NodeId,
  NodeView,
  ProbeResult,
  ProfileChoice,
  Rehearsal,
  SessionId,
  SessionView,
  SignInOptions,
  StreamView,
  UserChange,
  UserId,
  UserInput,
  UserView,
  WatchTime,
  WatchTimeBy,
} from '@vedette/contracts';
import { AlertsApi } from './alerts-api.ts';
import type { ApiResult } from './api-result.ts';
import { type AuditFilter, auditQuery } from './audit-query.ts';
import type { HttpClient } from './http-client.ts';
import { OrganisationApi } from './organisation-api.ts';
import { RulesApi } from './rules-api.ts';

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  readonly q?: string | undefined;
  readonly limit?: number;
  readonly cursor?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Moments as ISO 8601; `to` is not part of it. */
export interface WatchTimeAsk {
  readonly by: WatchTimeBy;
  readonly from: string;
  readonly to: string;
  readonly timeZone?: string;
  readonly limit?: number;
}

export interface CameraUseAsk {
  readonly sort: 'most' | 'never';
  readonly from: string;
  readonly to: string;
  readonly limit?: number;
}

/** Only cameras that belong there and bear that tag. */
export interface CameraFilter {
  readonly site?: string | undefined;
  readonly group?: string | undefined;
  readonly tag?: string | undefined;
}

/** As many as control answers at once. */
const LONGEST_PAGE = 500;

type Source = CameraInput['source'];

/** Every call of the control API that the dashboard makes, one method each; none rejects but by its signal. */
export class VedetteApi {
  readonly alerts: AlertsApi;
  readonly organisation: OrganisationApi;
  readonly rules: RulesApi;
  readonly #http: HttpClient;

  constructor(options: { http: HttpClient }) {
    this.#http = options.http;
    this.alerts = new AlertsApi(options);
    this.organisation = new OrganisationApi(options);
    this.rules = new RulesApi(options);
  }

  signIn(name: string, password: string): Promise<ApiResult<Me>> {
    return this.#http.call('POST', '/api/v1/sign-in', { body: { name, password }, anonymous: true });
  }

  signInOptions(): Promise<ApiResult<SignInOptions>> {
    return this.#http.call('GET', '/api/v1/sign-in/options', { anonymous: true });
  }

  signOut(): Promise<ApiResult<void>> {
    return this.#http.call('POST', '/api/v1/sign-out');
  }

  changeOwnPassword(currentPassword: string, newPassword: string): Promise<ApiResult<void>> {
    return this.#http.call('POST', '/api/v1/me/password', { body: { currentPassword, newPassword } });
  }

  cameras({ signal, ...query }: PageRequest & CameraFilter): Promise<ApiResult<Page<Camera>>> {
    return this.#http.call('GET', '/api/v1/cameras', { query, signal });
  }

  camera(id: CameraId, signal?: AbortSignal): Promise<ApiResult<Camera>> {
    return this.#http.call('GET', `/api/v1/cameras/${id}`, { signal });
  }

  addCamera(body: CameraInputFields): Promise<ApiResult<CameraCreated>> {
    return this.#http.call('POST', '/api/v1/cameras', { body });
  }

  changeCamera(id: CameraId, body: CameraChange): Promise<ApiResult<Camera>> {
    return this.#http.call('PATCH', `/api/v1/cameras/${id}`, { body });
  }

  deleteCamera(id: CameraId): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/cameras/${id}`);
  }

  probeSource(body: Source, signal?: AbortSignal): Promise<ApiResult<ProbeResult>> {
    return this.#http.call('POST', '/api/v1/cameras/probe', { body, signal });
  }

  probeCamera(id: CameraId, signal?: AbortSignal): Promise<ApiResult<ProbeResult>> {
    return this.#http.call('POST', `/api/v1/cameras/${id}/probe`, { signal });
  }

  /** What an ONVIF camera offers, and which of it is used. */
  cameraProfiles(id: CameraId, signal?: AbortSignal): Promise<ApiResult<CameraProfiles>> {
    return this.#http.call('GET', `/api/v1/cameras/${id}/profiles`, { signal });
  }

  chooseProfiles(id: CameraId, body: ProfileChoice): Promise<ApiResult<CameraProfiles>> {
    return this.#http.call('PUT', `/api/v1/cameras/${id}/profiles`, { body });
  }

  cameraHistory(id: CameraId, signal?: AbortSignal): Promise<ApiResult<CameraHistory>> {
    return this.#http.call('GET', `/api/v1/cameras/${id}/history`, { signal });
  }

  watchTime(query: WatchTimeAsk, signal?: AbortSignal): Promise<ApiResult<WatchTime>> {
    return this.#http.call('GET', '/api/v1/analytics/watch-time', { query: { ...query }, signal });
  }

  cameraUse(query: CameraUseAsk, signal?: AbortSignal): Promise<ApiResult<Page<CameraUse>>> {
    return this.#http.call('GET', '/api/v1/analytics/cameras', { query: { ...query }, signal });
  }

  importCameras(body: CameraImportRequest): Promise<ApiResult<CameraImportAnswer>> {
    return this.#http.call('POST', '/api/v1/cameras/import', { body });
  }

  discoveryPlaces(signal?: AbortSignal): Promise<ApiResult<DiscoveryPlaces>> {
    return this.#http.call('GET', '/api/v1/discoveries/places', { signal });
  }

  beginDiscovery(body: DiscoveryRequest): Promise<ApiResult<Discovery>> {
    return this.#http.call('POST', '/api/v1/discoveries', { body });
  }

  discovery(id: string, signal?: AbortSignal): Promise<ApiResult<Discovery>> {
    return this.#http.call('GET', `/api/v1/discoveries/${id}`, { signal });
  }

  cancelDiscovery(id: string): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/discoveries/${id}`);
  }

  streams(signal?: AbortSignal): Promise<ApiResult<Page<StreamView>>> {
    return this.#http.call('GET', '/api/v1/streams', { query: { limit: LONGEST_PAGE }, signal });
  }

  nodes(signal?: AbortSignal): Promise<ApiResult<Page<NodeView>>> {
    return this.#http.call('GET', '/api/v1/nodes', { query: { limit: LONGEST_PAGE }, signal });
  }

  /** What would become of a node's streams if it died now. */
  rehearsal(id: NodeId, signal?: AbortSignal): Promise<ApiResult<Rehearsal>> {
    return this.#http.call('GET', `/api/v1/nodes/${id}/rehearsal`, { signal });
  }

  /** Moves everything off a node, or lets it take streams again. */
  drainNode(id: NodeId, on: boolean): Promise<ApiResult<NodeView>> {
    return this.#http.call(on ? 'PUT' : 'DELETE', `/api/v1/nodes/${id}/drain`);
  }

  sessions(
    of: { readonly cameraId?: CameraId | undefined },
    signal?: AbortSignal,
  ): Promise<ApiResult<Page<SessionView>>> {
    return this.#http.call('GET', '/api/v1/sessions', { query: { ...of, limit: LONGEST_PAGE }, signal });
  }

  endSession(id: SessionId): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/sessions/${id}`);
  }

  audit(filter: AuditFilter, { cursor, limit, signal }: PageRequest): Promise<ApiResult<Page<AuditEntry>>> {
    const query = { ...auditQuery(filter), cursor, limit };
    return this.#http.call('GET', '/api/v1/audit', { query, signal });
  }

  verifyAudit(): Promise<ApiResult<AuditVerdict>> {
    return this.#http.call('GET', '/api/v1/audit/verify');
  }

  users(signal?: AbortSignal): Promise<ApiResult<Page<UserView>>> {
    return this.#http.call('GET', '/api/v1/users', { query: { limit: LONGEST_PAGE }, signal });
  }

  addUser(body: UserInput): Promise<ApiResult<UserView>> {
    return this.#http.call('POST', '/api/v1/users', { body });
  }

  changeUser(id: UserId, body: UserChange): Promise<ApiResult<UserView>> {
    return this.#http.call('PATCH', `/api/v1/users/${id}`, { body });
  }

  deleteUser(id: UserId): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/users/${id}`);
  }

  tokens(signal?: AbortSignal): Promise<ApiResult<Page<ApiTokenView>>> {
    return this.#http.call('GET', '/api/v1/tokens', { query: { limit: LONGEST_PAGE }, signal });
  }

  addToken(body: ApiTokenInput): Promise<ApiResult<ApiTokenCreated>> {
    return this.#http.call('POST', '/api/v1/tokens', { body });
  }

  revokeToken(id: UserId): Promise<ApiResult<void>> {
    return this.#http.call('DELETE', `/api/v1/tokens/${id}`);
  }
}
