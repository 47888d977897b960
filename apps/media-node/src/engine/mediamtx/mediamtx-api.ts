import { VedetteError } from '@vedette/runtime';
import { ApiClient, ApiFailure, ApiInfo, ApiPath, ApiSettings, listOf } from './api-answers.ts';

/** Lists of clients that MediaMTX keeps, each present when its listener is on. */
export type ClientList =
  | 'webrtcsessions'
  | 'rtspsessions'
  | 'rtspssessions'
  | 'rtmpconns'
  | 'rtmpsconns'
  | 'srtconns';

/** What MediaMTX is told of a path; its own names (internal/conf/path.go). Passwords go in the body, never in a URL. */
export type PathSettings = Readonly<Record<string, string | number | boolean>>;

/** MediaMTX answered, and refused. */
export class ApiRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiRefusal';
    this.status = status;
  }
}

const ANSWER_WITHIN_MS = 5000;
/** Adding to thousands of paths takes long: every path there is is checked again (0.055 ms each). */
const CHANGE_WITHIN_MS = 30_000;
/** In one page: all there are. */
const ALL = 100_000;

/** MediaMTX's control API, version 3. Every call throws ApiRefusal or, when nobody answers, VedetteError `unavailable`. */
export class MediaMtxApi {
  readonly #address: string;
  readonly #token: string;

  constructor(options: { readonly address: string; readonly token: string }) {
    this.#token = options.token;
    this.#address = options.address.replace(/\/$/, '');
  }

  async paths(signal?: AbortSignal): Promise<ApiPath[]> {
    return listOf(ApiPath).parse(await this.#ask('GET', `paths/list?itemsPerPage=${ALL}`, undefined, signal));
  }

  async clients(list: ClientList, signal?: AbortSignal): Promise<ApiClient[]> {
    return listOf(ApiClient).parse(
      await this.#ask('GET', `${list}/list?itemsPerPage=${ALL}`, undefined, signal),
    );
  }

  /** Undefined when there is no such path. */
  async path(name: string): Promise<ApiPath | undefined> {
    return unlessMissing(this.#ask('GET', `paths/get/${name}`).then((answer) => ApiPath.parse(answer)));
  }

  /** Adds it, or replaces what is there under that name. */
  async setPath(name: string, settings: PathSettings): Promise<void> {
    try {
      await this.#ask('POST', `config/paths/add/${name}`, settings);
    } catch (error) {
      if (!(error instanceof ApiRefusal) || !error.message.includes('already exists')) throw error;
      await this.#ask('POST', `config/paths/replace/${name}`, settings);
    }
  }

  /** No error when it is gone already. */
  async removePath(name: string): Promise<void> {
    await unlessMissing(this.#ask('DELETE', `config/paths/delete/${name}`));
  }

  /** No error when it is gone already. */
  async kick(list: ClientList, id: string): Promise<void> {
    await unlessMissing(this.#ask('POST', `${list}/kick/${id}`));
  }

  /** Undefined before 1.16, which does not tell. */
  async version(signal?: AbortSignal): Promise<string | undefined> {
    const info = await unlessMissing(this.#ask('GET', 'info', undefined, signal));
    return info === undefined ? undefined : ApiInfo.parse(info).version;
  }

  async settings(signal?: AbortSignal): Promise<ApiSettings> {
    return ApiSettings.parse(await this.#ask('GET', 'config/global/get', undefined, signal));
  }

  async #ask(method: string, what: string, body?: PathSettings, signal?: AbortSignal): Promise<unknown> {
    const withinMs = method === 'GET' ? ANSWER_WITHIN_MS : CHANGE_WITHIN_MS;
    const late = AbortSignal.timeout(withinMs);
    let answer: { readonly ok: boolean; readonly status: number; readonly text: string };
    try {
      const response = await fetch(`${this.#address}/v3/${what}`, {
        method,
        headers: { authorization: `Bearer ${this.#token}` },
        signal: signal === undefined ? late : AbortSignal.any([signal, late]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      answer = { ok: response.ok, status: response.status, text: await response.text() };
    } catch (cause) {
      throw new VedetteError('unavailable', { detail: 'MediaMTX does not answer.', cause });
    }
    const read: unknown = answer.text === '' ? undefined : parse(answer.text);
    if (answer.ok) return read;
    const failure = ApiFailure.safeParse(read);
    throw new ApiRefusal(answer.status, failure.success ? failure.data.error : `status ${answer.status}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return undefined;
    throw error;
  }
}
