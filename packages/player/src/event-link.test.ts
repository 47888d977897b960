import { describe, expect, it, vi } from 'vitest';
import { EventLink, type LinkMessage } from './event-link.ts';

interface Line {
  readonly signal: AbortSignal;
  send(text: string): void;
  end(): void;
}

/** A link whose connections and timers the test holds. */
function harness(answers: readonly (number | 'down')[]) {
  const lines: Line[] = [];
  const messages: LinkMessage[] = [];
  const timers = new Map<() => void, number>();
  let calls = 0;
  const link = new EventLink({
    fetch: async (_url, init) => {
      const answer = answers[Math.min(calls, answers.length - 1)];
      calls += 1;
      if (answer === 'down') throw new TypeError('Failed to fetch');
      if (answer !== 200) return new Response(null, { status: answer ?? 500 });
      const signal = init?.signal as AbortSignal;
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          signal.addEventListener('abort', () => controller.error(signal.reason));
          lines.push({
            signal,
            send: (text) => controller.enqueue(new TextEncoder().encode(text)),
            end: () => controller.close(),
          });
        },
      });
      return new Response(body);
    },
    publish: (message) => messages.push(message),
    setTimer: (callback, delayMs) => {
      timers.set(callback, delayMs);
      return () => timers.delete(callback);
    },
    random: () => 1,
  });
  const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true), { interval: 1 });
  const fire = (delayMs: number) => {
    const due = [...timers].filter(([, delay]) => delay === delayMs);
    expect(due).toHaveLength(1);
    for (const [callback] of due) {
      timers.delete(callback);
      callback();
    }
  };
  const status = () => link.status.kind === 'status' && link.status.status;
  return { link, lines, messages, timers, until, fire, status, calls: () => calls };
}

const SILENCE_MS = 35_000;

describe('the line to control', () => {
  it('tells events as they come, and passes over what it does not know', async () => {
    const { link, lines, messages, until, status } = harness([200]);
    link.connect();
    await until(() => status() === 'connected');
    lines[0]?.send('event: camera.deleted\ndata: {"cameraId":"c1"}\n\nevent: new.thing\ndata: {}\n\n');
    lines[0]?.send(
      'event: camera.changed\ndata: not json\n\nevent: camera.changed\ndata: {"cameraId":"c2"}\n\n',
    );
    await until(() => messages.filter(({ kind }) => kind === 'event').length === 2);
    expect(messages.flatMap((message) => (message.kind === 'event' ? [message.event] : []))).toEqual([
      { type: 'camera.deleted', cameraId: 'c1' },
      { type: 'camera.changed', cameraId: 'c2' },
    ]);
    link.close();
    expect(lines[0]?.signal.aborted).toBe(true);
  });

  it('is dialled again when control ends it', async () => {
    const { link, lines, until, fire, status } = harness([200]);
    link.connect();
    await until(() => status() === 'connected');
    lines[0]?.end();
    await until(() => status() === 'reconnecting');
    fire(500);
    await until(() => status() === 'connected');
    expect(lines).toHaveLength(2);
    link.close();
  });

  it('counts as dead after two missing heartbeats', async () => {
    const { link, lines, until, fire, status } = harness([200]);
    link.connect();
    await until(() => status() === 'connected');
    fire(SILENCE_MS);
    await until(() => status() === 'reconnecting');
    expect(lines[0]?.signal.aborted).toBe(true);
    link.close();
  });

  it('is tried ever more seldom while control is away, at once when asked to, and quickly after a success', async () => {
    const { link, until, timers, status, fire, calls, lines } = harness(['down', 'down', 'down', 200]);
    const pause = () => [...timers.values()].find((delay) => delay !== SILENCE_MS);
    link.connect();
    await until(() => pause() === 500);
    fire(500);
    await until(() => pause() === 1000);
    fire(1000);
    await until(() => pause() === 2000);
    expect(calls()).toBe(3);
    link.connect();
    await until(() => status() === 'connected');
    lines[0]?.end();
    await until(() => pause() === 500);
    link.close();
  });

  it('says when the sign-in is refused, and stays closed once closed', async () => {
    const { link, messages, until, timers, status } = harness([401]);
    link.connect();
    await until(() => status() === 'reconnecting');
    expect(messages.at(-1)).toEqual({ kind: 'status', status: 'reconnecting', refused: true });
    link.close();
    expect(status()).toBe('closed');
    await until(() => timers.size === 0);
  });
});
