import type { Camera } from '@vedette/contracts';
import { Cctv, FileVideo, Globe, type LucideIcon, Network, RadioTower, Upload } from 'lucide-react';

export type CameraKind = Camera['source']['kind'];

export interface KindWords {
  readonly kind: CameraKind;
  readonly label: string;
  /** What it is, for whoever chooses. */
  readonly help: string;
  readonly icon: LucideIcon;
}

/** Everything that can stand in a camera's place, as people call it; the usual ones first. */
export const CAMERA_KINDS: readonly KindWords[] = [
  {
    kind: 'rtsp',
    label: 'RTSP camera',
    help: 'A camera, recorder or encoder that is asked for its stream at an rtsp:// or rtsps:// address.',
    icon: Cctv,
  },
  {
    kind: 'onvif',
    label: 'ONVIF camera',
    help: 'The camera is asked what streams it has, so that only its host and its credentials are needed.',
    icon: Network,
  },
  {
    kind: 'publish',
    label: 'Encoder',
    help: 'A program or device that sends its stream to us, such as OBS or a body camera.',
    icon: Upload,
  },
  {
    kind: 'http-audio',
    label: 'Radio station',
    help: 'MP3 or AAC over HTTP, sound only. Its host must be in the setting HTTP_SOURCE_HOSTS.',
    icon: RadioTower,
  },
  {
    kind: 'file',
    label: 'Media file',
    help: 'A file on the media node, in one of the folders of its setting FILE_FOLDERS.',
    icon: FileVideo,
  },
  {
    kind: 'http',
    label: 'Media over HTTP',
    help: 'A media file or endless stream at a web address. Its host must be in the setting HTTP_SOURCE_HOSTS.',
    icon: Globe,
  },
];

export function kindWords(kind: CameraKind): KindWords {
  const found = CAMERA_KINDS.find((words) => words.kind === kind);
  if (found === undefined) throw new Error(`There are no words for ${kind}.`);
  return found;
}

/** Whether a test opens anything; the others are checked when they are first watched. */
export function canBeTested(kind: CameraKind): boolean {
  return kind === 'rtsp' || kind === 'onvif';
}
