// The inside of the element: stacked videos and the words over them. Everything lies on the same box, so that no
// change of state can move the page's layout.

import type { PictureStage } from './picture-stage.ts';
import type { PlayerStatus } from './player-status.ts';
import { PLAYER_STYLE } from './player-style.ts';
import { STATE_WORDS } from './state-words.ts';

const SHOW_AGE_FROM_MS = 1000;

export class VideoStage implements PictureStage {
  readonly #stage = document.createElement('div');
  readonly #status = document.createElement('div');
  readonly #word = document.createElement('span');
  readonly #age = document.createElement('span');
  #shown: HTMLVideoElement | undefined;
  #muted = true;

  constructor(root: ShadowRoot) {
    const style = new CSSStyleSheet();
    style.replaceSync(PLAYER_STYLE);
    root.adoptedStyleSheets = [style];
    this.#stage.className = 'stage';
    this.#stage.setAttribute('part', 'stage');
    this.#status.className = 'status';
    this.#status.setAttribute('part', 'status');
    this.#word.setAttribute('role', 'status');
    this.#status.append(this.#word, this.#age);
    root.append(this.#stage, this.#status);
  }

  add(): HTMLVideoElement {
    const video = document.createElement('video');
    video.setAttribute('part', 'video');
    video.autoplay = true;
    video.muted = true;
    video.playsInline = true;
    video.disableRemotePlayback = true;
    this.#stage.prepend(video);
    return video;
  }

  show(video: HTMLVideoElement): void {
    if (this.#shown !== undefined) {
      this.#shown.classList.remove('shown');
      this.#shown.muted = true;
    }
    this.#shown = video;
    video.classList.add('shown');
    video.muted = this.#muted;
  }

  remove(video: HTMLVideoElement): void {
    if (this.#shown === video) this.#shown = undefined;
    video.remove();
  }

  setStale(stale: boolean): void {
    this.#stage.classList.toggle('stale', stale);
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    if (this.#shown !== undefined) this.#shown.muted = muted;
  }

  setWords(status: PlayerStatus): void {
    this.#word.textContent = STATE_WORDS[status.state];
    this.#status.title = status.sentence;
    this.#status.classList.toggle('quiet', status.state === 'live' || status.state === 'idle');
    this.setAge(status);
  }

  setAge({ pictureAgeMs, state }: PlayerStatus): void {
    const old = state !== 'live' && pictureAgeMs !== null && pictureAgeMs >= SHOW_AGE_FROM_MS;
    this.#age.textContent = old ? ` · picture is ${Math.round(pictureAgeMs / 1000)} s old` : '';
  }

  /** A browser may pause what is out of sight or has sound; pictures are live, so they go on when they may. */
  keepPlaying(): void {
    const video = this.#shown;
    if (video === undefined || !video.paused || document.hidden) return;
    video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') video.muted = true;
    });
  }
}
