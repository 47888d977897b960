/** Calls back once, when the video's first picture is on screen; a hidden page counts as soon as it could be. */
export function onFirstFrame(video: HTMLVideoElement, signal: AbortSignal, callback: () => void): void {
  let told = false;
  const tell = (): void => {
    if (told || signal.aborted) return;
    told = true;
    callback();
  };
  const loaded = (): void => {
    if (document.hidden || !('requestVideoFrameCallback' in video)) tell();
  };
  video.addEventListener('loadeddata', loaded, { signal });
  if (!('requestVideoFrameCallback' in video)) return;
  const handle = video.requestVideoFrameCallback(tell);
  signal.addEventListener('abort', () => video.cancelVideoFrameCallback(handle), { once: true });
}
