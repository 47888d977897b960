import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type NodeId, PathAdmissionAnswer, Problem } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { trustOwnCertificate } from '../agent/trust-own-certificate.ts';
import type { AdmissionAnswer, AdmissionPort, AdmissionRequest } from './admission-port.ts';
import type { TokenVerifier } from './token-verifier.ts';

interface ControlAdmissionOptions {
  /** Asked one after the other until one answers. */
  readonly controlUrls: readonly string[];
  readonly nodeToken: string;
  readonly nodeId: NodeId;
  readonly verifier: TokenVerifier;
  /** PEM that control on this machine shows, whatever name it is reached by. */
  readonly ownCertificate?: string | undefined;
}

const WITHIN_MS = 12_000;
/** Of one among several; longer than any start takes. */
const EACH_MS = 5000;
const MAX_ANSWER = 64 * 1024;

/** Asks control, which decides as it does for every start. */
export class ControlAdmission implements AdmissionPort {
  readonly #options: ControlAdmissionOptions;

  constructor(options: ControlAdmissionOptions) {
    this.#options = options;
  }

  async admit(request: AdmissionRequest): Promise<AdmissionAnswer> {
    const { nodeId, verifier } = this.#options;
    const { status, text } = await this.#askAny(JSON.stringify(request));
    if (status !== 200) throw refusalOf(text);
    const answer = PathAdmissionAnswer.parse(JSON.parse(text));
    if (answer.node !== nodeId) return { kind: 'elsewhere', url: answer.url };
    const { path = request.path } = answer;
    const { protocol } = request;
    return {
      kind: 'granted',
      token: answer.token,
      path,
      claims: await verifier.verify(answer.token, { path, protocol }),
    };
  }

  /** A process that cannot answer, or that could not decide, is passed over. */
  async #askAny(body: string): Promise<{ status: number; text: string }> {
    const { controlUrls } = this.#options;
    const until = AbortSignal.timeout(WITHIN_MS);
    let answer: { status: number; text: string } | undefined;
    let cause: unknown;
    for (const controlUrl of controlUrls) {
      try {
        const each =
          controlUrls.length === 1 ? until : AbortSignal.any([until, AbortSignal.timeout(EACH_MS)]);
        answer = await this.#ask(controlUrl, body, each);
        if (answer.status !== 503) return answer;
      } catch (error) {
        cause = error;
      }
    }
    if (answer !== undefined) return answer;
    throw new VedetteError('unavailable', { cause, retryAfterSeconds: 2 });
  }

  #ask(controlUrl: string, body: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const { nodeToken, ownCertificate } = this.#options;
    const url = new URL('/internal/admit', controlUrl);
    const tls = ownCertificate === undefined ? {} : trustOwnCertificate(ownCertificate);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const asked = send(
        url,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${nodeToken}`, 'content-type': 'application/json' },
          signal,
          ...tls,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
            if (text.length > MAX_ANSWER) response.destroy(new Error('the answer is too long'));
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
          response.on('error', reject);
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

function refusalOf(text: string): VedetteError {
  try {
    const { code, retryAfterSeconds } = Problem.parse(JSON.parse(text));
    return new VedetteError(code, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  } catch (cause) {
    return new VedetteError('unavailable', { cause });
  }
}
