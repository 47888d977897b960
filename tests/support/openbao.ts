// A real OpenBao in development mode, with a transit key. Debian has none: point OPENBAO_BIN at one.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { bound } from './bound.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-ports.ts';

export class OpenBao implements AsyncDisposable {
  readonly address: string;
  readonly token = 'the-root-token-of-the-test';
  readonly #process: ChildProcess;

  private constructor(address: string, process: ChildProcess) {
    this.address = address;
    this.#process = process;
  }

  /** With the transit engine mounted and a key `vedette` in it. */
  static async start(bin: string): Promise<OpenBao> {
    const port = await freePort();
    const child = spawn(
      ...bound(bin, [
        'server',
        '-dev',
        '-dev-no-store-token',
        `-dev-listen-address=127.0.0.1:${port}`,
        '-dev-root-token-id=the-root-token-of-the-test',
      ]),
      { stdio: 'ignore', env: { HOME: '/nonexistent', PATH: process.env['PATH'] ?? '' } },
    );
    const bao = new OpenBao(`http://127.0.0.1:${port}`, child);
    await eventually('OpenBao is up', async () => {
      const health = await fetch(`${bao.address}/v1/sys/health`).catch(() => undefined);
      return health?.ok === true;
    });
    await bao.ask('POST', '/v1/sys/mounts/transit', { type: 'transit' });
    await bao.ask('POST', '/v1/transit/keys/vedette', {});
    return bao;
  }

  async ask(method: string, path: string, body: object): Promise<unknown> {
    const answer = await fetch(`${this.address}${path}`, {
      method,
      headers: { 'x-vault-token': this.token, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`OpenBao answered ${answer.status} to ${path}`);
    const text = await answer.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}
