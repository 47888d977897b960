// RTSP encoders (ANNOUNCE, RECORD) on their way to the path that waits for them.
import { type RtspAsk, type RtspRecording, RtspRefusal } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import type { TranscodeVideo } from '../rtsp/transcode-video.ts';
import { mayPublish, type PublishPlace, type PublishRegistry } from './publish-registry.ts';
import { RtspReception, readAnnouncement } from './rtsp-reception.ts';

export interface RtspPublishingOptions {
  readonly registry: Pick<PublishRegistry, 'find'>;
  readonly clock: Clock;
  readonly transcodeVideo?: TranscodeVideo | undefined;
}

/** Throws RtspRefusal: 401 for whoever has no right, whether or not somebody is expected there. */
export async function publishByRtsp(
  { credentials, path }: RtspAsk,
  sdp: string,
  { clock, registry, transcodeVideo }: RtspPublishingOptions,
): Promise<RtspRecording> {
  // Nobody learns which paths there are by asking without a password.
  if (credentials.kind === 'none') throw new RtspRefusal(401, 'credentials are needed');
  const place = await registry.find(path, 'rtsp');
  if (place === undefined || !isAllowed(place, credentials))
    throw new RtspRefusal(401, 'not these credentials');
  // Looked at before anybody has to make way for it.
  const announced = readAnnouncement(sdp, { anyVideo: transcodeVideo !== undefined });
  return new Promise((resolve) => {
    place.take((line) => {
      const reception = new RtspReception({ ...line, announced, transcodeVideo, clock });
      resolve(reception);
      return reception;
    });
  });
}

function isAllowed(place: PublishPlace, credentials: RtspAsk['credentials']): boolean {
  switch (credentials.kind) {
    case 'none':
      return false;
    case 'basic':
      return mayPublish(place, credentials);
    case 'digest':
      return (
        mayPublish(place, { username: credentials.username, password: place.password }) &&
        credentials.matches(place.password)
      );
  }
}
