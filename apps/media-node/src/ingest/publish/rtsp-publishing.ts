// RTSP encoders (ANNOUNCE, RECORD) on their way to the path that waits for them.
import { type RtspAsk, type RtspRecording, RtspRefusal } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import type { TranscodeVideo } from '../rtsp/transcode-video.ts';
import { mayPublish, type PublishPlace, type PublishRegistry } from './publish-registry.ts';
import { RtspReception } from './rtsp-reception.ts';

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
  let reception: RtspReception | undefined;
  let refusal: unknown;
  place.take((line) => {
    const { lastTicks, onEnded, onPublishing, sink } = line;
    try {
      reception = new RtspReception({ sdp, sink, lastTicks, transcodeVideo, clock, onPublishing, onEnded });
      return reception;
    } catch (error) {
      refusal = error;
      return { end: () => undefined, lastTicks, packetsLost: 0 };
    }
  });
  if (reception === undefined) throw refusal;
  return reception;
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
