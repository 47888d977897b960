import type { AudioTrack, Track, VideoTrack } from '@vedette/media-types';
import { rtpClockRate } from '@vedette/rtp';

export interface DescribedTrack {
  readonly track: Track;
  readonly payloadType: number;
  /** Under the session's own address. */
  readonly control: string;
}

export interface Description {
  readonly sdp: string;
  /** In the order of the sections. */
  readonly media: readonly DescribedTrack[];
}

const VIDEO_TYPE = 96;
const AUDIO_TYPE = 97;

/** A session description (RFC 8866) of a stream's tracks, video first, with relative control addresses. */
export function describeTracks(tracks: readonly Track[]): Description {
  const ordered = [...tracks].sort((a, b) => Number(a.kind === 'audio') - Number(b.kind === 'audio'));
  const media = ordered.map((track, index) => ({
    track,
    payloadType: payloadTypeOf(track),
    control: `trackID=${index}`,
  }));
  const lines = [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=Vedette',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
    ...media.flatMap(({ control, payloadType, track }) => [
      `m=${track.kind} 0 RTP/AVP ${payloadType}`,
      ...(track.kind === 'video' ? videoLines(track, payloadType) : audioLines(track, payloadType)),
      `a=control:${control}`,
    ]),
  ];
  return { sdp: `${lines.join('\r\n')}\r\n`, media };
}

/** Static where the standard has one and the track fits it (RFC 3551 table 4). */
function payloadTypeOf(track: Track): number {
  if (track.kind === 'video') return VIDEO_TYPE;
  const isTelephone = track.clockRate === 8000 && track.channels === 1;
  switch (track.codec) {
    case 'pcmu':
      return isTelephone ? 0 : AUDIO_TYPE;
    case 'pcma':
      return isTelephone ? 8 : AUDIO_TYPE;
    case 'g722':
      return track.channels === 1 ? 9 : AUDIO_TYPE;
    case 'mp3':
      return 14;
    case 'aac':
    case 'opus':
    case 'g726':
    case 'l16':
      return AUDIO_TYPE;
  }
}

function videoLines({ codec, parameterSets }: VideoTrack, type: number): string[] {
  const { pps, sps, vps } = parameterSets;
  if (codec === 'h265') {
    const sets = [`sprop-sps=${base64(sps)}`, `sprop-pps=${base64(pps)}`];
    if (vps !== undefined) sets.unshift(`sprop-vps=${base64(vps)}`);
    return [`a=rtpmap:${type} H265/90000`, `a=fmtp:${type} ${sets.join(';')}`];
  }
  const level = Buffer.from(sps.subarray(1, 4)).toString('hex').toUpperCase();
  return [
    `a=rtpmap:${type} H264/90000`,
    `a=fmtp:${type} packetization-mode=1;sprop-parameter-sets=${base64(sps)},${base64(pps)};profile-level-id=${level}`,
  ];
}

function audioLines(track: AudioTrack, type: number): string[] {
  const rate = rtpClockRate(track);
  const map = (name: string, channels = track.channels) =>
    `a=rtpmap:${type} ${name}/${rate}${channels === 1 ? '' : `/${channels}`}`;
  switch (track.codec) {
    case 'aac': {
      const config = Buffer.from(track.config ?? [])
        .toString('hex')
        .toUpperCase();
      const lengths = 'SizeLength=13;IndexLength=3;IndexDeltaLength=3';
      return [
        map('MPEG4-GENERIC'),
        `a=fmtp:${type} streamtype=5;profile-level-id=1;mode=AAC-hbr;${lengths};config=${config}`,
      ];
    }
    case 'opus':
      return [map('opus', 2), `a=fmtp:${type} sprop-stereo=${track.channels === 2 ? 1 : 0}`];
    case 'mp3':
      return [map('MPA', 1)];
    case 'pcmu':
      return [map('PCMU')];
    case 'pcma':
      return [map('PCMA')];
    case 'g722':
      return [map('G722')];
    case 'g726': {
      const name = `G726-${(track.samples?.bits ?? 4) * 8}`;
      return [map(track.samples?.littleEndian === false ? `AAL2-${name}` : name)];
    }
    case 'l16':
      return [map('L16')];
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
