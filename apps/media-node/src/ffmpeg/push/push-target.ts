import type { Track } from '@vedette/media-types';
import { SourceError } from '../../ingest/source-error.ts';

/** Where a stream is sent to. The addresses hold no secret. */
export type PushTarget =
  | {
      readonly via: 'rtmp';
      /** `rtmp://host[:port]/app` or `rtmps://…`. */
      readonly url: string;
      readonly streamKey: string;
    }
  | {
      readonly via: 'srt';
      /** `srt://host:port`. */
      readonly url: string;
      /** 10 to 79 characters; without encryption when absent. */
      readonly passphrase?: string;
      readonly streamId?: string;
    };

/** What FFmpeg is told of a target: openly, and not so. */
export interface PushPlan {
  readonly codecs: readonly string[];
  /** Format and address, the last of the arguments. */
  readonly output: readonly string[];
  readonly secretOptions: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

const FLV_AUDIO: readonly string[] = ['aac', 'mp3'];
const TS_AUDIO: readonly string[] = ['aac', 'mp3', 'opus'];

/** @throws SourceError when the stream cannot be sent there as it is, or the address is none */
export function planPush(target: PushTarget, tracks: readonly Track[]): PushPlan {
  const video = tracks.find(({ kind }) => kind === 'video');
  const audio = tracks.find(({ kind }) => kind === 'audio');
  if (target.via === 'rtmp' && video !== undefined && video.codec !== 'h264')
    throw new SourceError(
      'codec_unsupported',
      'push',
      'RTMP carries H.264 only: send a rendition of this stream.',
    );
  const carried = target.via === 'rtmp' ? FLV_AUDIO : TS_AUDIO;
  const isCarried = audio === undefined || carried.includes(audio.codec);
  const sound = isCarried ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', '128k', '-ar', '48000'];
  return {
    codecs: ['-map', '0:v:0?', '-map', '0:a:0?', '-c:v', 'copy', ...(audio === undefined ? ['-an'] : sound)],
    ...(target.via === 'rtmp' ? rtmp(target) : srt(target)),
  };
}

function rtmp({ url, streamKey }: Extract<PushTarget, { via: 'rtmp' }>) {
  const parsed = parse(url, ['rtmp:', 'rtmps:']);
  const app = parsed.pathname.replace(/^\/|\/$/g, '');
  if (app === '')
    throw new SourceError('source_not_allowed', 'push', 'The RTMP address names no application.');
  return {
    output: ['-f', 'flv', '-flvflags', 'no_duration_filesize', `${parsed.protocol}//${parsed.host}/`],
    secretOptions: { rtmp_app: app, rtmp_playpath: streamKey },
    secrets: [streamKey],
  };
}

function srt({ url, passphrase, streamId }: Extract<PushTarget, { via: 'srt' }>) {
  const parsed = parse(url, ['srt:']);
  return {
    output: ['-f', 'mpegts', '-muxdelay', '0', `srt://${parsed.host}`],
    secretOptions: {
      ...(passphrase === undefined ? {} : { passphrase, pbkeylen: '16' }),
      ...(streamId === undefined ? {} : { streamid: streamId }),
    },
    secrets: [passphrase, streamId].filter((secret) => secret !== undefined),
  };
}

function parse(url: string, protocols: readonly string[]): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !protocols.includes(parsed.protocol) || parsed.host === '')
    throw new SourceError(
      'source_not_allowed',
      'push',
      `The address must begin with ${protocols.join('// or ')}//.`,
    );
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '')
    throw new SourceError(
      'source_not_allowed',
      'push',
      'The address must hold no credentials: they have fields of their own.',
    );
  return parsed;
}
