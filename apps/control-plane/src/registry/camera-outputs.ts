// Where the streams of a camera are sent to: judged, sealed, opened.
import type { CameraId, CameraOutput, OutputTarget } from '@vedette/contracts';
import { newId, VedetteError } from '@vedette/runtime';
import type { StoredOutput } from './camera-record.ts';
import type { Envelope, Sealer } from './secrets/envelope.ts';
import type { SourceCheck } from './source-check.ts';

interface CameraOutputsOptions {
  readonly envelope: Pick<Envelope, 'open'>;
  readonly sourceCheck: Pick<SourceCheck, 'checkAddress'>;
}

const SCHEMES = { rtmp: ['rtmp:', 'rtmps:'], srt: ['srt:'] } as const;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'rtmp:': 1935, 'rtmps:': 443 };

export class CameraOutputs {
  readonly #options: CameraOutputsOptions;

  constructor(options: CameraOutputsOptions) {
    this.#options = options;
  }

  /** Throws `invalid_request` or `source_not_allowed` naming fields. */
  async take(
    cameraId: CameraId,
    given: readonly CameraOutput[],
    current: readonly StoredOutput[],
    sealer: Sealer,
  ): Promise<StoredOutput[]> {
    const taken: StoredOutput[] = [];
    for (const [index, { id: known, secret, ...output }] of given.entries()) {
      const { host, port } = this.#parse(output, `outputs.${index}.url`);
      await this.#options.sourceCheck.checkAddress(`outputs.${index}.url`, host, port);
      const before = current.find(({ id }) => id === known);
      const id = before?.id ?? newId();
      // A key is for the place it was given for.
      const kept = before?.url === output.url ? before.sealedSecret : null;
      const sealedSecret =
        secret === undefined || secret === ''
          ? secret === ''
            ? null
            : kept
          : sealer.seal(secret, ownerOf(cameraId, id));
      taken.push({ ...output, id, sealedSecret });
    }
    return taken;
  }

  /** With secrets in clear, for a node. */
  async open(cameraId: CameraId, outputs: readonly StoredOutput[]): Promise<OutputTarget[]> {
    return Promise.all(
      outputs.map(async ({ sealedSecret, ...output }) => {
        if (sealedSecret === null) return output;
        return {
          ...output,
          secret: await this.#options.envelope.open(sealedSecret, ownerOf(cameraId, output.id)),
        };
      }),
    );
  }

  #parse({ url, via }: Pick<CameraOutput, 'url' | 'via'>, path: string): { host: string; port: number } {
    const wrong = (message: string) => new VedetteError('invalid_request', { fields: [{ path, message }] });
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    const schemes: readonly string[] = SCHEMES[via];
    if (parsed === undefined || !schemes.includes(parsed.protocol))
      throw wrong(`must begin with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`);
    if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '')
      throw wrong('must not hold credentials or parameters: give them in the fields secret and streamId');
    const port = Number(parsed.port) || DEFAULT_PORTS[parsed.protocol] || 0;
    if (parsed.hostname === '' || port === 0) throw wrong('names no host and port');
    if (via === 'rtmp' && parsed.pathname.replaceAll('/', '') === '')
      throw wrong('names no application: rtmp://host/app');
    return { host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port };
  }
}

/** What the key of an output is sealed for. */
export function ownerOf(cameraId: CameraId, id: string): string {
  return `output ${id} of camera ${cameraId}`;
}
