// Enters: which camera, and what this browser can do. Leaves: views, fresh tokens, PlayerError with control's code.
// Not its job: when to ask again.
import type { BrowserProtocol, CameraId, SessionId, StartRequest } from '@vedette/contracts';
import type { PlayerApi } from './player-api.ts';
import { PlayerError } from './player-error.ts';
import { problemOf } from './problem-answer.ts';
import { renewedView, viewOf } from './start-answer.ts';
import type { View } from './view-grant.ts';

export interface StartQuestion {
  readonly cameraId: CameraId;
  /** Undefined lets policy choose. */
  readonly protocol: BrowserProtocol | undefined;
  readonly request: StartRequest;
  /** Repeats of the same question are answered with the same view. */
  readonly idempotencyKey: string;
}

const ANSWER_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 1500;

export class StartClient {
  readonly #api: PlayerApi;

  constructor(options: { readonly api: PlayerApi }) {
    this.#api = options.api;
  }

  /** Rejects with PlayerError; `control_unreachable` when no answer came at all. */
  async start(question: StartQuestion): Promise<View> {
    const { cameraId, idempotencyKey, protocol, request } = question;
    const query = protocol === undefined ? '' : `?protocol=${protocol}`;
    const response = await this.#post(`/api/v1/streams/${encodeURIComponent(cameraId)}/start${query}`, {
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify(request),
    });
    const view = viewOf(await bodyOf(response), serverNow(response));
    if (view === undefined) throw new PlayerError('internal_error');
    return view;
  }

  /** Fresh tokens for the view. Rejects with PlayerError; `session_not_found` and `forbidden` end it. */
  async renew(view: View, signal: AbortSignal, onScreenSeconds?: number): Promise<View> {
    const response = await this.#post(`/api/v1/sessions/${encodeURIComponent(view.sessionId)}/renew`, {
      signal,
      ...(onScreenSeconds === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ onScreenSeconds }) }),
    });
    const renewed = renewedView(view, await bodyOf(response), serverNow(response));
    if (renewed === undefined) throw new PlayerError('internal_error');
    return renewed;
  }

  /** Ends the view, also while the page goes away. Never rejects: a view that nobody holds ends by itself. */
  async stop(cameraId: CameraId, sessionId: SessionId, onScreenSeconds?: number): Promise<void> {
    await this.#api
      .fetch(`/api/v1/streams/${encodeURIComponent(cameraId)}/stop`, {
        method: 'POST',
        keepalive: true,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sessionId, onScreenSeconds }),
        signal: AbortSignal.timeout(STOP_WITHIN_MS),
      })
      .then(
        (response) => response.body?.cancel(),
        () => undefined,
      );
  }

  async #post(path: string, init: RequestInit): Promise<Response> {
    const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    let response: Response;
    try {
      response = await this.#api.fetch(path, { ...init, method: 'POST', signal });
    } catch (cause) {
      throw new PlayerError('control_unreachable', { cause });
    }
    if (!response.ok) throw await problemOf(response, 'internal_error');
    return response;
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new PlayerError('control_unreachable', { cause });
  }
}

function serverNow(response: Response): number {
  const told = Date.parse(response.headers.get('date') ?? '');
  return Number.isFinite(told) ? told : Date.now();
}
