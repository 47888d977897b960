/** People at the doors of streams, waiting for a first picture. */
export class Doorstep {
  readonly #waiting = new Map<string, number>();
  readonly #onChange: () => void;

  /** Told when somebody comes or goes. */
  constructor(options: { readonly onChange: () => void }) {
    this.#onChange = options.onChange;
  }

  has(path: string): boolean {
    return this.#waiting.has(path);
  }

  /** Until the returned value is disposed of; once is enough, more does no harm. */
  wait(path: string): Disposable {
    this.#waiting.set(path, (this.#waiting.get(path) ?? 0) + 1);
    this.#onChange();
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        const left = (this.#waiting.get(path) ?? 1) - 1;
        if (left > 0) this.#waiting.set(path, left);
        else this.#waiting.delete(path);
        this.#onChange();
      },
    };
  }
}
