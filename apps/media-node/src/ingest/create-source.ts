// Enters: what a desired stream says of its source. Leaves: one pull of it. The only place that knows every kind.
// Not its job: running and retrying it (source-supervisor.ts).
import type { DesiredStream, ReasonCode, StreamPath } from '@vedette/contracts';
import type { Dial } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import type { FfmpegTools } from '../ffmpeg/ffmpeg-tools.ts';
import type { StreamHub } from '../hub/stream-hub.ts';
import { FileSource } from './file/file-source.ts';
import type { HttpRelay } from './http/http-relay.ts';
import { HttpSource } from './http/http-source.ts';
import { RadioSource } from './http-audio/radio-source.ts';
import { ListenerSource } from './listener/listener-source.ts';
import type { PublishRegistry } from './publish/publish-registry.ts';
import { PublishSource } from './publish/publish-source.ts';
import { RelaySource, type RelaySourceOptions } from './relay/relay-source.ts';
import { RenditionSource } from './rendition/rendition-source.ts';
import { RtspSource } from './rtsp/rtsp-source.ts';
import type { SourceNews, SupervisedSource } from './source-supervisor.ts';

export interface SourceTools {
  readonly clock: Clock;
  readonly dial: Dial;
  /** Of web servers; refuses those that HTTP_SOURCE_HOSTS does not allow. */
  readonly dialHttp: Dial;
  readonly publishers: Pick<PublishRegistry, 'expect'>;
  readonly ffmpeg: Pick<FfmpegTools, 'jobs' | 'encoders' | 'loopback' | 'transcodeVideo'>;
  readonly httpRelay: Pick<HttpRelay, 'offer'>;
  /** Files may be played from these. */
  readonly fileFolders: readonly string[];
  /** The address that listeners for encoders are opened on. */
  readonly bind: string;
  /** Connections to other nodes. */
  readonly relay: RelaySourceOptions['links'];
  /** A stream of this node, woken. */
  readonly lookup: (path: StreamPath) => StreamHub | undefined;
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
  tools: SourceTools,
  life: SourceLife,
): SupervisedSource {
  const { clock, dial, dialHttp, publishers, ffmpeg } = tools;
  switch (source.kind) {
    case 'rtsp':
      return new RtspSource({ ...life, source, dial, clock, transcodeVideo: ffmpeg.transcodeVideo });
    case 'publish':
      return source.via === 'rtmp' || source.via === 'srt'
        ? new ListenerSource({ ...life, ...ffmpeg, source, clock, bind: tools.bind })
        : new PublishSource({ ...life, path, source, registry: publishers, clock });
    case 'http-audio':
      return new RadioSource({ ...life, source, dial: dialHttp, clock });
    case 'file':
      return new FileSource({ ...life, ...ffmpeg, source, folders: tools.fileFolders });
    case 'http':
      return new HttpSource({ ...life, ...ffmpeg, source, relay: tools.httpRelay });
    case 'rendition':
      return new RenditionSource({ ...life, ...ffmpeg, source, clock, lookup: tools.lookup });
    case 'relay':
      return new RelaySource({ ...life, source, links: tools.relay, clock });
  }
}
