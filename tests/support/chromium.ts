// Debian's Chromium with a profile of its own, driven by playwright-core; optionally one that UDP cannot leave.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const PROGRAM = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SOUND_AT_ONCE = '--autoplay-policy=no-user-gesture-required';

export interface ChromiumOptions {
  /** WebRTC may not send UDP at all, as behind a firewall that drops it. */
  readonly udpBlocked?: boolean;
  /** Sound is refused until somebody has touched the page, as browsers do for people. */
  readonly gestureForSound?: boolean;
  /** What stands before its command, such as `ip netns exec …`; one word is one argument. */
  readonly prefix?: readonly string[];
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'dark' | 'light';
}

export class Chromium implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly #profile: string;
  /** What a page wanted to load or run, and its Content-Security-Policy did not let it. */
  readonly #refused: string[] = [];

  private constructor(context: BrowserContext, profile: string) {
    this.context = context;
    this.#profile = profile;
    context.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) this.#refused.push(message.text());
    });
  }

  static async launch(options: ChromiumOptions = {}): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), 'vedette-chromium-'));
    if (options.udpBlocked === true) blockUdp(profile);
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: options.prefix === undefined ? PROGRAM : launcher(profile, options.prefix),
      headless: true,
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
      colorScheme: options.colorScheme ?? 'dark',
      args: options.gestureForSound === true ? FLAGS : [...FLAGS, SOUND_AT_ONCE],
    });
    return new Chromium(context, profile);
  }

  /** Throws when a page has tried what its Content-Security-Policy forbids: in whichever test it did. */
  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
    if (this.#refused.length > 0) throw new Error(this.#refused.join('\n'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A program of its own that starts Chromium behind the prefix; its pipes to us go through. */
function launcher(profile: string, prefix: readonly string[]): string {
  const file = join(profile, 'chromium.sh');
  writeFileSync(file, `#!/bin/sh\nexec ${prefix.join(' ')} ${PROGRAM} "$@"\n`, { mode: 0o755 });
  return file;
}

/** The policy that companies set so that WebRTC sends nothing but through a proxy; here there is none. */
function blockUdp(profile: string): void {
  mkdirSync(join(profile, 'Default'), { recursive: true });
  const preferences = { webrtc: { ip_handling_policy: 'disable_non_proxied_udp' } };
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
}
