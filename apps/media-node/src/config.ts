import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { NodeId, type Settings } from '@vedette/contracts';
import { type IceServersOptions, loadSettings, SettingsError } from '@vedette/runtime';

/** What a media node reads of the settings, with the defaults that depend on others filled in. */
export interface NodeConfig {
  readonly nodeId: NodeId;
  readonly bind: string;
  readonly httpPort: number;
  readonly udpPort: number;
  readonly rtspPort: number;
  /** Where RTSP players reach us. */
  readonly rtspUrl: string;
  /** Where other nodes take streams from this one; undefined: only where it opens the connection itself. */
  readonly relay: { readonly host: string; readonly port: number } | undefined;
  readonly publicUrl: string;
  readonly publicHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** CIDRs. */
  readonly trustedProxies: readonly string[];
  readonly iceServers: IceServersOptions;
  readonly controlUrls: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeToken: string;
  /** Kept keys; made when first written. */
  readonly jwksFile: string;
  readonly sourceNetworks: readonly string[] | undefined;
  /** Where HTTP and radio sources may be: names, *.names, addresses, CIDRs. */
  readonly httpSourceHosts: readonly string[];
  /** A path, or a name that is looked up in PATH. */
  readonly ffmpegPath: string;
  /** FFmpeg processes at once. */
  readonly ffmpegJobs: number;
  readonly fileFolders: readonly string[];
  /** Ports of ours that no camera may be on. */
  readonly ownPorts: readonly number[];
  readonly engine: Settings['engine'];
  readonly mediamtx: {
    /** A path, or a name that is looked up in PATH. */
    readonly program: string;
    readonly configFile: string;
    /** Of one that runs already. */
    readonly api: string | undefined;
    readonly authPort: number | undefined;
    readonly rtmpPort: number | undefined;
    readonly srtPort: number | undefined;
    readonly recordFolder: string | undefined;
    readonly recordHours: number;
  };
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly logLevel: string;
}

/** Settings come by environment only: `vedette` has read flags and file. Throws SettingsError. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): NodeConfig {
  const settings = loadSettings({ flags: {}, env, file: { path: 'vedette.yaml', required: false } });
  if (settings.nodeToken === undefined) {
    throw new SettingsError([
      "nodeToken: a node must prove itself to control; take the token from control's data folder (node-token)",
    ]);
  }
  if (
    settings.engine === 'mediamtx' &&
    settings.mediamtxApi !== undefined &&
    settings.mediamtxAuthPort === undefined
  )
    throw new SettingsError([
      'mediamtxAuthPort: a MediaMTX that runs already must know where to ask who may watch; its authHTTPAddress is http://127.0.0.1:PORT/auth',
    ]);
  const scheme = settings.tlsCert === undefined ? 'http' : 'https';
  const nodeId = settings.nodeId ?? NodeId.parse('node-1');
  return {
    nodeId,
    bind: settings.bind,
    httpPort: settings.nodeHttpPort,
    udpPort: settings.udpPort,
    rtspPort: settings.rtspPort,
    rtspUrl: `rtsp://${new URL(settings.nodePublicUrl ?? `http://${publicHost(settings)}`).host.replace(/:\d+$/, '')}:${settings.rtspPort}`,
    relay:
      settings.relayPort === undefined
        ? undefined
        : { host: settings.relayHost ?? relayHost(settings), port: settings.relayPort },
    publicUrl: (
      settings.nodePublicUrl ?? `${scheme}://${publicHost(settings)}:${settings.nodeHttpPort}`
    ).replace(/\/$/, ''),
    publicHosts: settings.publicHosts,
    allowedOrigins: settings.allowedOrigins,
    trustedProxies: settings.trustedProxies,
    iceServers: {
      stun: settings.iceServers,
      turn: settings.turnServers,
      turnSecret: settings.turnSecret,
    },
    controlUrls:
      settings.controlUrl.length > 0 ? settings.controlUrl : [`${scheme}://127.0.0.1:${settings.httpPort}`],
    labels: Object.fromEntries(settings.nodeLabels.map((label) => label.split('=', 2))),
    nodeToken: settings.nodeToken,
    jwksFile: join(settings.dataDir, nodeId, 'jwks.json'),
    sourceNetworks: settings.sourceNetworks,
    httpSourceHosts: settings.httpSourceHosts,
    ffmpegPath: settings.ffmpegPath,
    ffmpegJobs: settings.ffmpegJobs,
    fileFolders: settings.fileFolders,
    ownPorts: [
      ...[settings.httpPort, settings.nodeHttpPort, settings.udpPort, settings.rtspPort],
      ...[
        settings.relayPort,
        settings.mediamtxAuthPort,
        settings.mediamtxRtmpPort,
        settings.mediamtxSrtPort,
      ].filter((port) => port !== undefined),
    ],
    engine: settings.engine,
    mediamtx: {
      program: settings.mediamtxBin,
      configFile: resolve(settings.dataDir, nodeId, 'mediamtx.yml'),
      api: settings.mediamtxApi,
      authPort: settings.mediamtxAuthPort,
      rtmpPort: settings.mediamtxRtmpPort,
      srtPort: settings.mediamtxSrtPort,
      recordFolder: settings.mediamtxRecordFolder,
      recordHours: settings.mediamtxRecordHours,
    },
    tls:
      settings.tlsCert === undefined || settings.tlsKey === undefined
        ? undefined
        : { certFile: settings.tlsCert, keyFile: settings.tlsKey },
    logLevel: settings.logLevel,
  };
}

/** Where browsers reach the node others do too, as far as anybody has said. */
function relayHost(settings: Settings): string {
  const url = settings.nodePublicUrl ?? settings.publicUrl;
  return (url === undefined ? publicHost(settings) : new URL(url).hostname).replace(/^\[|\]$/g, '');
}

function publicHost(settings: Settings): string {
  if (settings.publicUrl !== undefined) return new URL(settings.publicUrl).hostname;
  if (settings.bind === '0.0.0.0' || settings.bind === '::') return hostname();
  return settings.bind.includes(':') ? `[${settings.bind}]` : settings.bind;
}
