// What stands in place of a picture where there is only sound: its levels as they go by, and what is playing.
// In: an ear at the sound, and words. Out: a canvas and two lines of text. A dotted line is silence, or an ear that the
// browser keeps shut.
import type { Ear } from './listening.ts';
import { LevelRow, loudness } from './sound-level.ts';

/** From the left of one bar to the left of the next, at least; half of it is bar. */
const LEAST_STEP_PX = 6;
const MOST_BARS = 120;
const MS_PER_BAR = 60;
/** Part of the height that the loudest bar takes. */
const TALLEST = 0.9;
/** For people who want nothing to move: a level that is read now and then, in place. */
const STILL_EVERY_MS = 500;

export class SoundFace {
  readonly element = document.createElement('div');
  readonly #canvas = document.createElement('canvas');
  readonly #playing = document.createElement('p');
  readonly #row = new LevelRow({ bars: 1, msPerBar: MS_PER_BAR });
  readonly #samples = new Float32Array(2048);
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #sizes = new ResizeObserver(() => this.#fit());
  #ear: Ear | undefined;
  #frame = 0;
  #step = LEAST_STEP_PX;
  #drawnMs = 0;
  #stale = false;

  constructor() {
    this.element.className = 'sound';
    this.element.setAttribute('part', 'sound');
    this.#canvas.setAttribute('part', 'wave');
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.#playing.setAttribute('part', 'now-playing');
    this.element.append(this.#canvas, this.#playing);
    this.#sizes.observe(this.#canvas);
    this.#frame = requestAnimationFrame(this.#draw);
  }

  listen(ear: Ear | undefined): void {
    this.#ear?.close();
    this.#ear = ear;
  }

  setPlaying(text: string): void {
    if (this.#playing.textContent === text) return;
    this.#playing.textContent = text;
    this.#playing.title = text;
  }

  /** Old sound is no sound: the line falls to rest. */
  setStale(stale: boolean): void {
    this.#stale = stale;
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#sizes.disconnect();
    this.#ear?.close();
    this.#ear = undefined;
    this.element.remove();
  }

  #fit(): void {
    const { clientHeight, clientWidth } = this.#canvas;
    this.#canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.#canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.#step = Math.max(LEAST_STEP_PX, clientWidth / MOST_BARS);
    this.#row.resize(Math.max(1, Math.floor(clientWidth / this.#step)));
    this.#drawnMs = 0;
  }

  readonly #draw = (nowMs: number): void => {
    this.#frame = requestAnimationFrame(this.#draw);
    this.#samples.fill(0);
    if (!this.#stale) this.#ear?.read(this.#samples);
    const level = loudness(this.#samples);
    this.#row.push(level, nowMs);
    const pen = this.#canvas.getContext('2d');
    if (pen === null || this.#canvas.width === 0) return;
    if (!this.#still.matches) this.#drawPassing(pen, nowMs);
    else if (nowMs - this.#drawnMs >= STILL_EVERY_MS) {
      this.#drawnMs = nowMs;
      this.#drawStill(pen);
    }
  };

  /** Bars come in at the right and go by; those that come and go are faint. */
  #drawPassing(pen: CanvasRenderingContext2D, nowMs: number): void {
    const { clientHeight, clientWidth } = this.#begin(pen);
    const step = this.#step;
    const shift = this.#row.progress(nowMs) * step;
    for (let age = -1; age < this.#row.length; age += 1) {
      const x = clientWidth - step * (age + 1) - shift;
      const level = age === -1 ? this.#row.growing : this.#row.at(age);
      const fromEdge = Math.min(x, clientWidth - x) / (clientWidth * 0.18);
      pen.globalAlpha = Math.max(0, Math.min(1, fromEdge)) * (0.35 + 0.65 * level);
      bar(pen, x, level, clientHeight);
    }
  }

  /** One level, as a row of bars that is the longer the louder it is. */
  #drawStill(pen: CanvasRenderingContext2D): void {
    const { clientHeight, clientWidth } = this.#begin(pen);
    const bars = this.#row.length;
    let loudest = 0;
    for (let age = 0; age < STILL_EVERY_MS / MS_PER_BAR; age += 1)
      loudest = Math.max(loudest, this.#row.at(age));
    const middle = (bars - 1) / 2;
    for (let index = 0; index < bars; index += 1) {
      const away = Math.abs(index - middle) / Math.max(1, middle);
      const level = Math.max(0, loudest * (1 - away * away));
      pen.globalAlpha = (1 - away) * (0.35 + 0.65 * level);
      bar(pen, clientWidth / 2 + (index - middle) * this.#step, level, clientHeight);
    }
  }

  #begin(pen: CanvasRenderingContext2D): HTMLCanvasElement {
    const ratio = this.#canvas.width / this.#canvas.clientWidth;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.#canvas.clientWidth, this.#canvas.clientHeight);
    pen.strokeStyle = getComputedStyle(this.#canvas).color;
    pen.lineWidth = this.#step / 2;
    pen.lineCap = 'round';
    return this.#canvas;
  }
}

/** A dot for silence. */
function bar(pen: CanvasRenderingContext2D, x: number, level: number, height: number): void {
  const half = (level * TALLEST * (height - pen.lineWidth)) / 2;
  pen.beginPath();
  pen.moveTo(x, height / 2 - half);
  pen.lineTo(x, height / 2 + half + 0.01);
  pen.stroke();
}
