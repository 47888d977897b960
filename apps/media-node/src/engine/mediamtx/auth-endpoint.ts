// Answers MediaMTX's question whether somebody may read or publish (its authMethod `http`). MediaMTX asks it for one
// client after the other while all of its paths wait (internal/core/path_manager.go): what a token or a desired stream
// does not answer is answered with no, at once, and never by asking control. Names and passwords are asked of control
// before MediaMTX is, by the ways in, which then come with the token that control gave.
import { Protocol, type PublishVia, type SessionId, StreamPath, type StreamSource } from '@vedette/contracts';
import { createHttpServer, type Log, sameSecret, VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { TokenVerifier } from '../../auth/token-verifier.ts';
import type { LetIn } from './client-views.ts';

/** internal/auth/manager.go, authenticateHTTP. */
const Question = z.object({
  ip: z.string(),
  user: z.string(),
  password: z.string(),
  token: z.string().default(''),
  action: z.string(),
  path: z.string(),
  protocol: z.string(),
  id: z.string().nullable(),
});
type Question = z.infer<typeof Question>;

interface AuthEndpointOptions {
  readonly verifier: TokenVerifier;
  /** Whoever presents it may use MediaMTX's control API and metrics, which show the cameras' passwords. */
  readonly apiToken: string;
  readonly log: Log;
  /** Of a stream that is desired here. */
  readonly sourceOf: (path: string) => StreamSource | undefined;
  readonly onLetIn: (id: string, who: LetIn) => void;
}

/** Viewers on their way from a way in to MediaMTX's question; the oldest are forgotten first. */
const MAX_EXPECTED = 5000;
const BODY_LIMIT = 128 * 1024;
const PUBLISH_VIA: Readonly<Record<string, PublishVia>> = {
  rtsp: 'rtsp',
  rtmp: 'rtmp',
  srt: 'srt',
  webrtc: 'whip',
};

export class AuthEndpoint {
  readonly #options: AuthEndpointOptions;
  readonly #app: FastifyInstance;
  readonly #addresses = new Map<SessionId, string>();

  private constructor(options: AuthEndpointOptions) {
    this.#options = options;
    this.#app = createHttpServer({ log: options.log, bodyLimit: BODY_LIMIT });
  }

  /** On loopback only; port 0 is any. */
  static async listen(options: AuthEndpointOptions & { readonly port: number }): Promise<AuthEndpoint> {
    const endpoint = new AuthEndpoint(options);
    const app = endpoint.#app;
    app.post('/auth', async (request, reply) => {
      const question = Question.safeParse(request.body);
      if (!question.success || !(await endpoint.#answer(question.data)))
        throw new VedetteError('unauthenticated');
      return reply.code(204).send();
    });
    await app.listen({ host: '127.0.0.1', port: options.port });
    return endpoint;
  }

  /** For MediaMTX's `authHTTPAddress`. */
  get address(): string {
    const listening = this.#app.server.address();
    const port = typeof listening === 'object' && listening !== null ? listening.port : 0;
    return `http://127.0.0.1:${port}/auth`;
  }

  /** A way in is about to bring this viewer, who will seem to MediaMTX to be us. */
  expect(sessionId: SessionId, clientAddress: string): void {
    this.#addresses.delete(sessionId);
    this.#addresses.set(sessionId, clientAddress);
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= MAX_EXPECTED) break;
      this.#addresses.delete(oldest);
    }
  }

  async close(): Promise<void> {
    await this.#app.close();
  }

  async #answer(question: Question): Promise<boolean> {
    if (question.action === 'api' || question.action === 'metrics')
      return sameSecret(question.token, this.#options.apiToken);
    if (!StreamPath.safeParse(question.path).success) return false;
    if (question.action === 'publish') return this.#mayPublish(question);
    if (question.action !== 'read') return false;
    const who = await this.#reader(question);
    if (who === undefined) return false;
    if (question.id !== null) this.#options.onLetIn(question.id, who);
    return true;
  }

  async #reader({ ip, password, path, protocol: name, token }: Question): Promise<LetIn | undefined> {
    const protocol = Protocol.safeParse(name);
    // RTMP and SRT are ways in alone.
    if (!protocol.success || this.#options.sourceOf(path) === undefined) return undefined;
    const presented = token === '' ? password : token;
    if (presented === '') return undefined;
    try {
      const claims = await this.#options.verifier.verify(presented, { path, protocol: protocol.data });
      const clientAddress = this.#addresses.get(claims.sid) ?? ip;
      return { claims, path, protocol: protocol.data, clientAddress };
    } catch {
      return undefined;
    }
  }

  #mayPublish({ password, path, protocol, token, user }: Question): boolean {
    const source = this.#options.sourceOf(path);
    if (source?.kind !== 'publish' || PUBLISH_VIA[protocol] !== source.via) return false;
    // MediaMTX tells a password as token too; a bearer's comes without a name.
    const isBearer = password === '' && user === '';
    const isName = isBearer || sameSecret(user, source.username);
    return sameSecret(isBearer ? token : password, source.password) && isName;
  }
}
