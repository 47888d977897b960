/** Which web origins may fetch media: the configured ones, and those that control told last. */
export class AllowedOrigins {
  readonly #configured: ReadonlySet<string>;
  #told: ReadonlySet<string> = new Set();

  constructor(configured: readonly string[]) {
    this.#configured = new Set(configured.map(originOf));
  }

  told(origins: readonly string[]): void {
    this.#told = new Set(origins.map(originOf));
  }

  includes(origin: string): boolean {
    return this.#configured.has(origin) || this.#told.has(origin);
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
