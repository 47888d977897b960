// Enters: a media element that plays. Leaves: the samples of its sound, also while it is muted, without touching what
// is heard. One audio graph serves all players of a page; a browser that wants a gesture first lets it run from then on.
// Not its job: drawing (sound-face.ts), or what is heard (the element).

export interface Ear {
  /** Samples of this moment, -1 to 1; all 0 while the browser does not let us listen. */
  read(into: Float32Array<ArrayBuffer>): void;
  close(): void;
}

interface Capturing {
  captureStream?(): MediaStream;
  mozCaptureStream?(): MediaStream;
}

const GESTURES = ['pointerdown', 'keydown', 'touchend'] as const;

export class Listening {
  #context: AudioContext | undefined;

  /** Undefined where the browser cannot listen to what an element plays (Safari, over HLS). */
  open(video: HTMLVideoElement & Capturing): Ear | undefined {
    const context = this.#running();
    const stream = streamOf(video);
    if (context === undefined || stream === undefined) return undefined;
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    // A graph is pulled from its end; nothing of it is to be heard.
    const silence = context.createGain();
    silence.gain.value = 0;
    analyser.connect(silence).connect(context.destination);
    let source: MediaStreamAudioSourceNode | undefined;
    const listen = (): void => {
      if (source !== undefined || stream.getAudioTracks().length === 0) return;
      source = context.createMediaStreamSource(stream);
      source.connect(analyser);
    };
    listen();
    stream.addEventListener('addtrack', listen);
    return {
      read(into) {
        listen();
        if (source === undefined || context.state !== 'running') into.fill(0);
        else analyser.getFloatTimeDomainData(into);
      },
      close() {
        stream.removeEventListener('addtrack', listen);
        source?.disconnect();
        analyser.disconnect();
        silence.disconnect();
        // What was captured is ours to end; the stream of a connection is not.
        if (stream !== video.srcObject) for (const track of stream.getTracks()) track.stop();
      },
    };
  }

  #running(): AudioContext | undefined {
    if (!('AudioContext' in globalThis)) return undefined;
    if (this.#context === undefined) {
      this.#context = new AudioContext({ latencyHint: 'playback' });
      this.#resumeByGesture(this.#context);
    }
    return this.#context;
  }

  #resumeByGesture(context: AudioContext): void {
    if (context.state === 'running') return;
    const stop = new AbortController();
    const resume = (): void => void context.resume().catch(() => undefined);
    context.addEventListener('statechange', () => context.state === 'running' && stop.abort());
    for (const name of GESTURES) {
      addEventListener(name, resume, { capture: true, passive: true, signal: stop.signal });
    }
    resume();
  }
}

function streamOf(video: HTMLVideoElement & Capturing): MediaStream | undefined {
  if (video.srcObject instanceof MediaStream) return video.srcObject;
  try {
    return video.captureStream?.() ?? video.mozCaptureStream?.();
  } catch {
    return undefined;
  }
}
