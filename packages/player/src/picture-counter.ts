// How many pictures a <video> has shown. The browser's own count costs nothing per picture; where it stands still a
// requestVideoFrameCallback is armed as a second witness, because some browsers do not count every kind of stream.

export class PictureCounter {
  readonly #video: HTMLVideoElement;
  #counted = -1;
  #witnessed = 0;
  #callback: number | undefined;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Grows whenever a picture was shown since the last call. */
  read(): number {
    const counted = this.#video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
    const stands = counted === this.#counted;
    this.#counted = counted;
    if (stands && this.#callback === undefined) {
      this.#callback = this.#video.requestVideoFrameCallback?.(() => {
        this.#callback = undefined;
        this.#witnessed += 1;
      });
    }
    return counted + this.#witnessed;
  }

  close(): void {
    if (this.#callback !== undefined) this.#video.cancelVideoFrameCallback(this.#callback);
    this.#callback = undefined;
  }
}
