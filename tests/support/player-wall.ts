// A wall of players in a page, as a test asks and steers it.
import type { Page } from 'playwright-core';
import type { FirstFrame, PlayerStats, PlayerStatus, SwitchFailed } from '../../packages/player/src/index.ts';

export interface TileLog {
  readonly firstframes: readonly FirstFrame[];
  readonly states: readonly string[];
  readonly switches: readonly SwitchFailed[];
}

export class Wall {
  /** Uncaught errors of the page. */
  readonly errors: string[] = [];
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  static async open(page: Page, address: string): Promise<Wall> {
    const wall = new Wall(page);
    await page.goto(address);
    await page.waitForFunction('window.ready');
    return wall;
  }

  async play(name: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#ask(`open(${JSON.stringify(name)}, ${JSON.stringify(attributes)})`);
  }

  /** All in the same instant; resolves with the first picture of each. */
  async playAll(names: readonly string[]): Promise<FirstFrame[]> {
    await this.#page.evaluate(`${JSON.stringify(names)}.forEach((name) => wall.open(name))`);
    return Promise.all(names.map((name) => this.firstFrame(name)));
  }

  close(name: string): Promise<void> {
    return this.#ask(`close(${JSON.stringify(name)})`);
  }

  async firstFrame(name: string, withinMs = 10_000): Promise<FirstFrame> {
    await this.#page.waitForFunction(`wall.log(${JSON.stringify(name)}).firstframes.length > 0`, undefined, {
      timeout: withinMs,
      polling: 50,
    });
    const { firstframes } = await this.log(name);
    const [first] = firstframes;
    if (first === undefined) throw new Error('no first picture');
    return first;
  }

  log(name: string): Promise<TileLog> {
    return this.#ask(`log(${JSON.stringify(name)})`);
  }

  status(name: string): Promise<PlayerStatus> {
    return this.#ask(`status(${JSON.stringify(name)})`);
  }

  stats(name: string): Promise<PlayerStats | null> {
    return this.#ask(`stats(${JSON.stringify(name)})`);
  }

  /** Asks every 25 ms until the status is as wanted. */
  async until(
    name: string,
    wanted: (status: PlayerStatus) => boolean,
    withinMs = 15_000,
  ): Promise<PlayerStatus> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const status = await this.status(name);
      if (wanted(status)) return status;
      if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  set(name: string, property: string, value: unknown): Promise<void> {
    return this.#page.evaluate(
      `void (wall.tile(${JSON.stringify(name)})[${JSON.stringify(property)}] = ${JSON.stringify(value)})`,
    );
  }

  call(name: string, method: 'play' | 'stop'): Promise<void> {
    return this.#page.evaluate(`void wall.tile(${JSON.stringify(name)}).${method}()`);
  }

  serverEvent(name: string, event: unknown): Promise<void> {
    return this.#page.evaluate(
      `void wall.tile(${JSON.stringify(name)}).handleServerEvent(${JSON.stringify(event)})`,
    );
  }

  framesShown(name: string): Promise<number> {
    return this.#page.evaluate(
      `wall.shown(${JSON.stringify(name)})?.getVideoPlaybackQuality().totalVideoFrames ?? 0`,
    );
  }

  /** The words over the picture; empty while there is nothing to say. */
  text(name: string): Promise<string> {
    return this.#page.evaluate(
      `(() => { const status = wall.tile(${JSON.stringify(name)}).shadowRoot.querySelector('[part=status]');
        return getComputedStyle(status).visibility === 'hidden' ? '' : status.textContent; })()`,
    );
  }

  isDimmed(name: string): Promise<boolean> {
    return this.#page.evaluate(
      `getComputedStyle(wall.tile(${JSON.stringify(name)}).shadowRoot.querySelector('[part=stage]')).opacity < 1`,
    );
  }

  /** From now on every painted frame of the page is checked for a tile without a picture. */
  async watchForBlack(name: string): Promise<void> {
    await this.#ask(`watchForBlack(${JSON.stringify(name)})`);
  }

  blackMoments(name: string): Promise<readonly string[]> {
    return this.#ask(`log(${JSON.stringify(name)}).black`);
  }

  #ask<T>(expression: string): Promise<T> {
    return this.#page.evaluate(`wall.${expression}`);
  }
}
