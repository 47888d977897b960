// The inside of the element: stacked videos and the words over them. Everything lies on the same box, so that no
// change of state can move the page's layout.
import type { Listening } from './listening.ts';
import type { PictureStage } from './picture-stage.ts';
import type { PlayerStatus } from './player-status.ts';
import { PLAYER_STYLE } from './player-style.ts';
import { SoundFace } from './sound-face.ts';
import { STATE_WORDS } from './state-words.ts';

export interface VideoStageOptions {
  readonly root: ShadowRoot;
  readonly listening: () => Listening;
  /** The browser lets nothing be heard before somebody has touched the page. */
  readonly onSoundRefused: () => void;
}

const SHOW_AGE_FROM_MS = 1000;

export class VideoStage implements PictureStage {
  readonly #options: VideoStageOptions;
  readonly #stage = document.createElement('div');
  readonly #status = document.createElement('div');
  readonly #word = document.createElement('span');
  readonly #age = document.createElement('span');
  #shown: HTMLVideoElement | undefined;
  #face: SoundFace | undefined;
  #nowPlaying = '';
  #muted = true;
  #volume = 1;

  constructor(options: VideoStageOptions) {
    this.#options = options;
    const { root } = options;
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

  show(video: HTMLVideoElement, soundOnly: boolean): void {
    if (this.#shown !== undefined) {
      this.#shown.classList.remove('shown');
      this.#shown.muted = true;
    }
    this.#shown = video;
    video.classList.add('shown');
    this.#applySound();
    if (soundOnly) this.#showFace(video);
    else this.#dropFace();
  }

  remove(video: HTMLVideoElement): void {
    if (this.#shown === video) {
      this.#shown = undefined;
      this.#dropFace();
    }
    video.remove();
  }

  setStale(stale: boolean): void {
    this.#stage.classList.toggle('stale', stale);
    this.#face?.setStale(stale);
  }

  setSound(muted: boolean, volume: number): void {
    this.#muted = muted;
    this.#volume = volume;
    this.#applySound();
  }

  /** What a station says that it plays; seen where there is no picture. */
  setNowPlaying(text: string): void {
    this.#nowPlaying = text;
    this.#face?.setPlaying(text);
  }

  setWords(status: PlayerStatus): void {
    this.#word.textContent = STATE_WORDS[status.state];
    this.#status.title = status.sentence;
    this.#status.classList.toggle('quiet', status.state === 'live' || status.state === 'idle');
    this.setAge(status);
  }

  setAge({ pictureAgeMs, soundOnly, state }: PlayerStatus): void {
    const old = !soundOnly && state !== 'live' && pictureAgeMs !== null && pictureAgeMs >= SHOW_AGE_FROM_MS;
    this.#age.textContent = old ? ` · picture is ${Math.round(pictureAgeMs / 1000)} s old` : '';
  }

  /** A browser may pause what is out of sight or has sound; pictures are live, so they go on when they may. */
  keepPlaying(): void {
    const video = this.#shown;
    if (video === undefined || !video.paused || document.hidden) return;
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      this.#options.onSoundRefused();
    });
  }

  #applySound(): void {
    if (this.#shown === undefined) return;
    this.#shown.volume = this.#volume;
    this.#shown.muted = this.#muted;
    // A browser that refuses to unmute pauses; find out now, while a click may still count.
    if (!this.#muted) this.keepPlaying();
  }

  #showFace(video: HTMLVideoElement): void {
    if (this.#face === undefined) {
      this.#face = new SoundFace();
      this.#stage.append(this.#face.element);
    }
    this.#face.setPlaying(this.#nowPlaying);
    this.#face.listen(this.#options.listening().open(video));
  }

  #dropFace(): void {
    this.#face?.close();
    this.#face = undefined;
  }
}
