import { createHash } from 'node:crypto';
import { type Protocol, Protocol as Protocols } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { AdmissionAnswer, AdmissionPort, AdmissionRequest } from '../../auth/admission-port.ts';

type Look = Omit<AdmissionRequest, 'protocol'>;

const REMEMBERED = 1000;

/** Who may watch a stream by any protocol may look at its picture. A name that looks each second starts one view, not many. */
export class SnapshotAccess {
  readonly #admission: AdmissionPort;
  /** Tokens that control gave for other credentials, least recently used first. */
  readonly #tokens = new Map<string, { readonly token: string; readonly path: string }>();

  constructor(admission: AdmissionPort) {
    this.#admission = admission;
  }

  /** Throws VedetteError as the port does. */
  async admit(look: Look): Promise<AdmissionAnswer> {
    const key = createHash('sha256')
      .update(JSON.stringify([look.path, look.credentials]))
      .digest('base64');
    const known = this.#tokens.get(key);
    if (known !== undefined) {
      const { path, token } = known;
      this.#tokens.delete(key);
      try {
        const answer = await this.#byAny({ ...look, path, credentials: { kind: 'bearer', token } });
        this.#tokens.set(key, known);
        return answer;
      } catch (error) {
        if (!(error instanceof VedetteError)) throw error;
      }
    }
    const answer = await this.#byAny(look);
    if (answer.kind === 'granted') {
      this.#tokens.set(key, { token: answer.token, path: answer.path });
      for (const oldest of this.#tokens.keys()) {
        if (this.#tokens.size <= REMEMBERED) break;
        this.#tokens.delete(oldest);
      }
    }
    return answer;
  }

  async #byAny(look: Look): Promise<AdmissionAnswer> {
    const ask = (protocol: Protocol) => this.#admission.admit({ ...look, protocol });
    let refusal: unknown;
    for (const protocol of Protocols.options.toSorted((a, b) => preference(a) - preference(b))) {
      try {
        return await ask(protocol);
      } catch (error) {
        refusal ??= error;
        if (!(error instanceof VedetteError) || error.code !== 'forbidden') break;
      }
    }
    throw refusal;
  }
}

/** HLS first: it costs a camera no place. */
function preference(protocol: Protocol): number {
  return protocol === 'hls' ? 0 : 1;
}
