import type { Clip } from '../clip/clip.ts';
import { PROFILES, type ProfileName } from '../rtsp/stream-path.ts';
import { escapeXml, SoapFault, text, type XmlNode } from './soap.ts';

/** What the media service needs of its camera. */
export interface MediaFacts {
  clip(profile: ProfileName): Clip;
  /** Address of a profile's stream as this client reaches the camera. */
  streamUri(profile: ProfileName): string;
  readonly snapshotUri: string;
  readonly sessionTimeoutS: number;
  synchronize(profile: ProfileName): void;
}

const SOURCE = 'video_source_1';
const SOURCE_CONFIG = 'video_source_config_1';

/** The body of the answer to a media service action; nothing when it is none of ours. Throws SoapFault. */
export function answerMedia(action: string, parameters: XmlNode, media: MediaFacts): string | undefined {
  switch (action) {
    case 'GetProfiles':
      return `<trt:GetProfilesResponse>${PROFILES.map((name) => profileXml('trt:Profiles', name, media)).join('')}</trt:GetProfilesResponse>`;
    case 'GetProfile':
      return `<trt:GetProfileResponse>${profileXml('trt:Profile', profileOf(parameters), media)}</trt:GetProfileResponse>`;
    case 'GetVideoSources':
      return videoSources(media.clip('main'));
    case 'GetStreamUri':
      return mediaUri('GetStreamUriResponse', media.streamUri(profileOf(parameters)));
    case 'GetSnapshotUri':
      profileOf(parameters);
      return mediaUri('GetSnapshotUriResponse', media.snapshotUri);
    case 'SetSynchronizationPoint':
      media.synchronize(profileOf(parameters));
      return '<trt:SetSynchronizationPointResponse/>';
    default:
      return undefined;
  }
}

function profileOf(parameters: XmlNode): ProfileName {
  const token = text(parameters, 'ProfileToken');
  const profile = PROFILES.find((name) => `profile_${name}` === token);
  if (profile === undefined) {
    throw new SoapFault('Sender', ['InvalidArgVal', 'NoProfile'], 'There is no such profile');
  }
  return profile;
}

function mediaUri(response: string, uri: string): string {
  return (
    `<trt:${response}><trt:MediaUri><tt:Uri>${escapeXml(uri)}</tt:Uri>` +
    '<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>' +
    `<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:${response}>`
  );
}

function resolution(clip: Clip): string {
  return `<tt:Resolution><tt:Width>${clip.facts.width}</tt:Width><tt:Height>${clip.facts.height}</tt:Height></tt:Resolution>`;
}

function videoSources(clip: Clip): string {
  return (
    `<trt:GetVideoSourcesResponse><trt:VideoSources token="${SOURCE}"><tt:Framerate>${clip.fps}</tt:Framerate>` +
    `${resolution(clip)}</trt:VideoSources></trt:GetVideoSourcesResponse>`
  );
}

function profileXml(element: string, name: ProfileName, media: MediaFacts): string {
  const source = media.clip('main').facts;
  const clip = media.clip(name);
  // The first media service has no word for H.265: cameras say H264 here and mean what their SDP says.
  const interval = (clip.keyIndexes[1] ?? clip.pictures.length) - (clip.keyIndexes[0] ?? 0);
  return (
    `<${element} token="profile_${name}" fixed="true"><tt:Name>${name}</tt:Name>` +
    `<tt:VideoSourceConfiguration token="${SOURCE_CONFIG}"><tt:Name>source</tt:Name><tt:UseCount>2</tt:UseCount>` +
    `<tt:SourceToken>${SOURCE}</tt:SourceToken><tt:Bounds x="0" y="0" width="${source.width}" height="${source.height}"/>` +
    `</tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="video_encoder_${name}"><tt:Name>${name}</tt:Name>` +
    `<tt:UseCount>1</tt:UseCount><tt:Encoding>${clip.encoding === 'JPEG' ? 'JPEG' : 'H264'}</tt:Encoding>${resolution(clip)}<tt:Quality>5</tt:Quality>` +
    `<tt:RateControl><tt:FrameRateLimit>${Math.round(clip.fps)}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>` +
    `<tt:BitrateLimit>${clip.kilobits}</tt:BitrateLimit></tt:RateControl><tt:H264><tt:GovLength>${interval}</tt:GovLength>` +
    `<tt:H264Profile>${clip.facts.profile}</tt:H264Profile></tt:H264><tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type>` +
    '<tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address><tt:Port>0</tt:Port><tt:TTL>0</tt:TTL>' +
    `<tt:AutoStart>false</tt:AutoStart></tt:Multicast><tt:SessionTimeout>PT${media.sessionTimeoutS}S</tt:SessionTimeout>` +
    `</tt:VideoEncoderConfiguration></${element}>`
  );
}
