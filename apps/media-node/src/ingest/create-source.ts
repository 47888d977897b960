// Enters: what a desired stream says of its source. Leaves: one pull of it. The only place that knows every kind.
// Not its job: running and retrying it (source-supervisor.ts).
import type { DesiredStream, ReasonCode } from '@vedette/contracts';
import type { Dial } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import { RadioSource } from './http-audio/radio-source.ts';
import type { PublishRegistry } from './publish/publish-registry.ts';
import { PublishSource } from './publish/publish-source.ts';
import { RtspSource } from './rtsp/rtsp-source.ts';
import type { TranscodeVideo } from './rtsp/transcode-video.ts';
import { SourceError } from './source-error.ts';
import type { SourceNews, SupervisedSource } from './source-supervisor.ts';

export interface SourceTools {
  readonly clock: Clock;
  readonly dial: Dial;
  /** Of web servers; refuses those that HTTP_SOURCE_HOSTS does not allow. */
  readonly dialHttp: Dial;
  readonly publishers: Pick<PublishRegistry, 'expect'>;
  /** Without it, cameras with a video codec that is not played are refused. */
  readonly transcodeVideo?: TranscodeVideo | undefined;
}

export interface SourceLife {
  /** Where the time line of the run stands, ticks of 90 kHz; undefined when it begins. */
  readonly firstTicks: number | undefined;
  /** The source answers; its first key frame is awaited. */
  readonly onPlaying: () => void;
  /** It waits for somebody else: a publisher, a free place for FFmpeg. */
  readonly onWaiting: (reason: ReasonCode) => void;
  readonly onNews: (news: SourceNews) => void;
}

export function createSource(
  { path, source }: DesiredStream,
  { clock, dial, dialHttp, publishers, transcodeVideo }: SourceTools,
  { firstTicks, onPlaying, onWaiting, onNews }: SourceLife,
): SupervisedSource {
  switch (source.kind) {
    case 'rtsp':
      return new RtspSource({ source, dial, clock, firstTicks, transcodeVideo, onPlaying });
    case 'publish':
      return new PublishSource({
        path,
        source,
        registry: publishers,
        clock,
        firstTicks,
        onPlaying,
        onWaiting,
      });
    case 'http-audio':
      return new RadioSource({ source, dial: dialHttp, clock, firstTicks, onNews });
    case 'file':
    case 'http':
    case 'rendition':
      throw new SourceError('codec_unsupported', 'open', `Sources of kind ${source.kind} are not supported.`);
  }
}
