const ANSWER_WITHIN_MS = 10_000;
const READY_WITHIN_MS = 2000;

/** JSON to and from a server; throws unless it answers 2xx in time. */
export async function ask<T>(
  url: string,
  options: { readonly method: string; readonly body?: unknown; readonly headers?: Record<string, string> },
): Promise<T> {
  const { body, headers, method } = options;
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Empty when the server says that it is ready, else what it says instead. */
export async function unreadiness(base: string): Promise<string> {
  try {
    const response = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(READY_WITHIN_MS) });
    const text = await response.text();
    return response.ok ? '' : `${response.status} ${text}`;
  } catch (error) {
    return error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error);
  }
}
