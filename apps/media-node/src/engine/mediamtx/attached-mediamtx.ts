import { SettingsError } from '@vedette/runtime';
import type { ApiSettings } from './api-answers.ts';
import type { MediaMtxApi } from './mediamtx-api.ts';
import { checkedVersion } from './mediamtx-version.ts';

/** Where a MediaMTX that somebody else runs listens. */
export interface MediaMtxPlaces {
  readonly hls: string;
  readonly webrtc: string;
  /** Undefined: scraped where it is, not through us. */
  readonly metrics: string | undefined;
  readonly rtsp: { readonly host: string; readonly port: number };
  readonly listens: { readonly rtmp: boolean; readonly srt: boolean };
  readonly rtspList: 'rtspsessions';
}

/**
 * Looks whether it can serve us; nothing of its settings is changed. Throws SettingsError with what to set, VedetteError
 * `unavailable` when it does not answer.
 */
export async function lookAtMediaMtx(
  api: Pick<MediaMtxApi, 'settings' | 'version'>,
  options: { readonly address: string; readonly authAddress: string },
): Promise<MediaMtxPlaces> {
  const version = await api.version();
  // 1.15 does not tell its version; older ones lack settings that are read next.
  if (version !== undefined) checkedVersion(version);
  const settings = await api.settings();
  const problems = [
    settings.authMethod === 'http' && settings.authHTTPAddress === options.authAddress
      ? undefined
      : `authMethod: http and authHTTPAddress: ${options.authAddress}`,
    settings.hls && !settings.hlsEncryption ? undefined : 'hls: yes and hlsEncryption: no',
    settings.webrtc && !settings.webrtcEncryption ? undefined : 'webrtc: yes and webrtcEncryption: no',
    settings.rtsp && settings.rtspEncryption !== 'strict' ? undefined : 'rtsp: yes and rtspEncryption: no',
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0)
    throw new SettingsError(
      problems.map((problem) => `mediamtxApi: that MediaMTX must be set to ${problem}`),
    );
  return placesOf(settings, new URL(options.address).hostname);
}

function placesOf(settings: ApiSettings, host: string): MediaMtxPlaces {
  const port = (address: string) => Number(/:(\d+)$/.exec(address)?.[1] ?? 0);
  return {
    hls: `http://${host}:${port(settings.hlsAddress)}`,
    metrics: undefined,
    webrtc: `http://${host}:${port(settings.webrtcAddress)}`,
    rtsp: { host: host.replace(/^\[|\]$/g, ''), port: port(settings.rtspAddress) },
    listens: { rtmp: settings.rtmp, srt: settings.srt },
    rtspList: 'rtspsessions',
  };
}
