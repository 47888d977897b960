// The configuration of a MediaMTX that we run (its mediamtx.yml; JSON is YAML). Whatever others may reach is what a node
// offers anyway: WebRTC media, and RTMP and SRT where the settings open them. The rest is on loopback, behind the node.
import type { StreamPath } from '@vedette/contracts';
import type { PathSettings } from './mediamtx-api.ts';

export interface MediaMtxVersion {
  readonly major: number;
  readonly minor: number;
}

/** Of its listeners that only we use, on loopback. */
export interface PrivatePorts {
  readonly api: number;
  readonly hls: number;
  readonly metrics: number;
  readonly rtsp: number;
  readonly webrtc: number;
}

export interface MediaMtxConfigOptions {
  readonly version: MediaMtxVersion;
  readonly ports: PrivatePorts;
  readonly authAddress: string;
  readonly bind: string;
  readonly udpPort: number;
  /** Further addresses told to viewers as ICE candidates. */
  readonly publicHosts: readonly string[];
  /** TLS as on the node's other ports; absent: plain. */
  readonly rtmp: { readonly port: number; readonly certFile?: string; readonly keyFile?: string } | undefined;
  readonly srtPort: number | undefined;
}

export const OLDEST_VERSION: MediaMtxVersion = { major: 1, minor: 15 };
/** MoQ came with it, and listens unless told not to; older ones refuse the word. */
const MOQ_SINCE = 19;
/** A player that is silent for longer is gone for us as well. */
const MUXER_CLOSES_AFTER = '10s';

export function mediaMtxConfig(
  options: MediaMtxConfigOptions,
  paths: ReadonlyMap<StreamPath, PathSettings>,
): string {
  const { authAddress, bind, ports, publicHosts, rtmp, srtPort, udpPort, version } = options;
  const anyAddress = bind === '0.0.0.0' || bind === '::';
  const config = {
    logLevel: 'info',
    logDestinations: ['stdout'],
    authMethod: 'http',
    authHTTPAddress: authAddress,
    // Not even its API: it shows the cameras' passwords to whoever is on this machine.
    authHTTPExclude: [],
    api: true,
    apiAddress: loopback(ports.api),
    metrics: true,
    metricsAddress: loopback(ports.metrics),
    pprof: false,
    playback: false,
    rtsp: true,
    rtspTransports: ['tcp'],
    rtspAddress: loopback(ports.rtsp),
    rtspAuthMethods: ['basic'],
    rtmp: rtmp !== undefined,
    ...(rtmp === undefined ? {} : rtmpListener(bind, rtmp)),
    srt: srtPort !== undefined,
    ...(srtPort === undefined ? {} : { srtAddress: listening(bind, srtPort) }),
    hls: true,
    hlsAddress: loopback(ports.hls),
    hlsVariant: 'lowLatency',
    hlsMuxerCloseAfter: MUXER_CLOSES_AFTER,
    webrtc: true,
    webrtcAddress: loopback(ports.webrtc),
    webrtcLocalUDPAddress: listening(bind, udpPort),
    webrtcIPsFromInterfaces: anyAddress,
    webrtcAdditionalHosts: anyAddress ? publicHosts : [bind, ...publicHosts],
    ...(version.major > 1 || version.minor >= MOQ_SINCE ? { moq: false } : {}),
    paths: Object.fromEntries(paths),
  };
  return `${JSON.stringify(config, undefined, 1)}\n`;
}

function rtmpListener(bind: string, { certFile, keyFile, port }: NonNullable<MediaMtxConfigOptions['rtmp']>) {
  const address = listening(bind, port);
  return certFile === undefined || keyFile === undefined
    ? { rtmpAddress: address }
    : { rtmpEncryption: 'strict', rtmpsAddress: address, rtmpServerCert: certFile, rtmpServerKey: keyFile };
}

function loopback(port: number): string {
  return `127.0.0.1:${port}`;
}

function listening(bind: string, port: number): string {
  return bind.includes(':') ? `[${bind}]:${port}` : `${bind}:${port}`;
}
