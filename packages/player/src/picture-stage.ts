/** Where pictures appear: video elements stacked on one place, of which one is seen. */
export interface PictureStage {
  /** A new video element behind the one that is seen. */
  add(): HTMLVideoElement;
  /** From now on this one is seen, or a drawing of its sound where that is all there is. */
  show(video: HTMLVideoElement, soundOnly: boolean): void;
  remove(video: HTMLVideoElement): void;
  /** Whether the picture that is seen is an old one. */
  setStale(stale: boolean): void;
}
