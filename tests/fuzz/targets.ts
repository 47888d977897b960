import type { FuzzTarget } from './fuzz-target.ts';
import { audioFrameTarget, audioTargets } from './targets/audio-targets.ts';
import { nalTarget, parameterSetTarget, rtcpTarget, rtpHeaderTarget } from './targets/bitstream-targets.ts';
import { byteStreamTargets } from './targets/byte-stream-targets.ts';
import { radioTargets } from './targets/radio-targets.ts';
import { rtspServerTarget } from './targets/rtsp-server-target.ts';
import { challengeTarget, interleavedTarget, sdpTarget } from './targets/rtsp-targets.ts';
import { videoTargets } from './targets/video-targets.ts';
import { offerTarget } from './targets/webrtc-targets.ts';

/** Everything that reads bytes of strangers. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  interleavedTarget,
  rtspServerTarget,
  sdpTarget,
  challengeTarget,
  rtpHeaderTarget,
  rtcpTarget,
  ...videoTargets,
  ...audioTargets,
  audioFrameTarget,
  ...byteStreamTargets,
  ...radioTargets,
  parameterSetTarget,
  nalTarget,
  offerTarget,
];
