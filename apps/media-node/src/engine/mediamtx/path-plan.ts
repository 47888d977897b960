// Enters: a desired stream. Leaves: the settings of MediaMTX's path for it, or why there can be none.
// Not its job: where names lead (source-address.ts), telling MediaMTX.
import type { DesiredStream, ReasonCode, StreamSource } from '@vedette/contracts';
import type { PathSettings } from './mediamtx-api.ts';

/** How every path of this node is, by the node's settings. */
export interface PathDefaults {
  /** Absolute; every stream is recorded below it while it is pulled. */
  readonly recordFolder: string | undefined;
  readonly recordHours: number;
  /** Ways in that this MediaMTX listens on. */
  readonly listens: { readonly rtmp: boolean; readonly srt: boolean };
}

export type PathPlan =
  | { readonly kind: 'path'; readonly settings: PathSettings; readonly onDemand: boolean }
  | { readonly kind: 'impossible'; readonly reason: ReasonCode; readonly detail: string };

/** Shorter than players wait for an answer (8 s), so that they are told why there is no picture. */
const START_WITHIN = '7s';

/** `host` replaces the one in the source's address: what its name led to when it was looked up. */
export function planPath(
  desired: Pick<DesiredStream, 'source' | 'pull' | 'idleTtlMs'>,
  host: string | undefined,
  defaults: PathDefaults,
): PathPlan {
  const { source } = desired;
  const record: PathSettings =
    defaults.recordFolder === undefined
      ? {}
      : {
          record: true,
          recordPath: `${defaults.recordFolder}/%path/%Y-%m-%d_%H-%M-%S-%f`,
          recordDeleteAfter: `${defaults.recordHours}h`,
        };
  switch (source.kind) {
    case 'rtsp': {
      if (source.certificate?.check === 'none')
        return unsupported(
          'MediaMTX looks at every certificate: pin the one of this camera by its fingerprint.',
        );
      const onDemand = desired.pull === 'on-demand';
      return {
        kind: 'path',
        onDemand,
        settings: {
          ...record,
          source: rtspAddress(source, host),
          rtspTransport: source.transport === 'udp' ? 'udp' : 'tcp',
          ...(source.certificate?.check === 'pin' ? { sourceFingerprint: source.certificate.sha256 } : {}),
          sourceOnDemand: onDemand,
          ...(onDemand
            ? {
                sourceOnDemandStartTimeout: START_WITHIN,
                sourceOnDemandCloseAfter: `${Math.max(1, desired.idleTtlMs)}ms`,
              }
            : {}),
        },
      };
    }
    case 'publish':
      if ((source.via === 'rtmp' || source.via === 'srt') && !defaults.listens[source.via])
        return unsupported(
          `This node's MediaMTX does not listen for ${source.via.toUpperCase()}: set MEDIAMTX_${source.via.toUpperCase()}_PORT.`,
        );
      // A newcomer takes over: an encoder that reconnects is not kept out by its own ghost.
      return {
        kind: 'path',
        onDemand: false,
        settings: { ...record, source: 'publisher', overridePublisher: true },
      };
    case 'rendition':
      return unsupported('MediaMTX makes no renditions: this one needs a node with the native engine.');
    case 'relay':
      return unsupported(
        'MediaMTX takes no relay from another node: this needs a node with the native engine.',
      );
    case 'file':
      return unsupported('MediaMTX plays no files: this camera needs a node with the native engine.');
    case 'http':
    case 'http-audio':
      // It would pull HLS, but from wherever a playlist leads, past the rules for addresses.
      return unsupported(
        'MediaMTX plays no web sources here: this camera needs a node with the native engine.',
      );
  }
}

function unsupported(detail: string): PathPlan {
  return { kind: 'impossible', reason: 'engine_unsupported', detail };
}

/** With credentials, which MediaMTX takes in no other way. */
function rtspAddress(source: Extract<StreamSource, { kind: 'rtsp' }>, host: string | undefined): string {
  const { hash: _, ...parts } = partsOf(source.url);
  const scheme = source.transport === 'http' ? `${parts.scheme}+http` : parts.scheme;
  const user =
    source.username === undefined ? '' : `${escaped(source.username)}:${escaped(source.password ?? '')}@`;
  const port = parts.port === '' ? '' : `:${parts.port}`;
  // MediaMTX puts a reader's query where a source says `$MTX_QUERY`.
  return `${scheme}://${user}${host ?? parts.host}${port}${parts.rest.replaceAll('$', '%24')}`;
}

interface AddressParts {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  /** Path and query as they are: cameras are particular about them. */
  readonly rest: string;
  readonly hash: string;
}

function partsOf(url: string): AddressParts {
  const [before = '', hash = ''] = url.split('#', 2);
  const parsed = new URL(url);
  const scheme = parsed.protocol.slice(0, -1);
  const afterScheme = before.slice(before.indexOf('//') + 2);
  const start = afterScheme.search(/[/?]/);
  return {
    scheme,
    host: parsed.hostname,
    port: parsed.port,
    rest: start < 0 ? '/' : afterScheme.slice(start),
    hash,
  };
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}
