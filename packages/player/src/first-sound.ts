/** Calls back once, when a stream without pictures is heard; `moves` is whether its sound has gone on. */
export function onFirstSound(
  video: HTMLVideoElement,
  moves: () => boolean,
  signal: AbortSignal,
  callback: () => void,
): void {
  const stop = new AbortController();
  const look = (): void => {
    if (stop.signal.aborted || signal.aborted || video.videoWidth > 0 || !moves()) return;
    stop.abort();
    callback();
  };
  for (const name of ['loadeddata', 'playing', 'timeupdate']) {
    video.addEventListener(name, look, { signal: AbortSignal.any([signal, stop.signal]) });
  }
}
