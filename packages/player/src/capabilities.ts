/** What this browser can show; told to policy with every start. */
export interface Capabilities {
  readonly webrtc: boolean;
  readonly hls: boolean;
  readonly h264: boolean;
  readonly h265: boolean;
}

const H264 = 'video/mp4; codecs="avc1.4d401f"';
const H265 = 'video/mp4; codecs="hvc1.1.6.L93.B0"';
const NATIVE_HLS = 'application/vnd.apple.mpegurl';

/** Asks the browser; takes some milliseconds the first time, so ask once a page. */
export function capabilitiesOfBrowser(): Capabilities {
  const received = receivableCodecs();
  const webrtc = received.has('video/h264');
  const source = globalThis.MediaSource ?? Reflect.get(globalThis, 'ManagedMediaSource');
  const plays = (type: string): boolean => source?.isTypeSupported(type) === true;
  const native = document.createElement('video').canPlayType(NATIVE_HLS) !== '';
  return {
    webrtc,
    hls: plays(H264) || native,
    h264: webrtc || plays(H264) || native,
    // Only when each way that may be chosen decodes it: policy picks the profile for all of them at once.
    h265: (plays(H265) || native) && (!webrtc || received.has('video/h265')),
  };
}

function receivableCodecs(): Set<string> {
  if (!('RTCPeerConnection' in globalThis) || !('RTCRtpReceiver' in globalThis)) return new Set();
  const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
  return new Set(codecs.map(({ mimeType }) => mimeType.toLowerCase()));
}
