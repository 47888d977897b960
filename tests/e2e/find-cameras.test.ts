import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Chromium } from '../support/chromium.ts';
import { Demo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { signIn } from '../support/wall-page.ts';

const SIMULATOR = fileURLToPath(new URL('../../simulators/main.ts', import.meta.url));
const Ready = z.object({
  cameras: z.tuple([z.object({ onvif: z.object({ host: z.string(), port: z.int() }) })]),
});
const PASSWORD = 'a-stranger-to-all';

interface Listed {
  readonly items: readonly {
    readonly name: string;
    readonly source: { readonly host?: string; readonly port?: number };
    readonly profiles: readonly { readonly name: string }[];
  }[];
}

/** A camera that the demo does not know, on an address of its own; ends when its standard input does. */
async function startStranger(): Promise<{ readonly place: string; readonly child: ChildProcess }> {
  const flags = ['--cameras=1', '--port=0', '--bind=127.0.0.2', '--username=vedette'];
  const child = spawn(process.execPath, [SIMULATOR, ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, VEDETTE_SIM_PASSWORD: PASSWORD },
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ready = await eventually('the second simulator is ready', () => /^\{.*\}\n/.exec(said)?.[0], {
    withinMs: 20_000,
  });
  const { host, port } = Ready.parse(JSON.parse(ready)).cameras[0].onvif;
  return { place: `${host}:${port}`, child };
}

describe('finding cameras', () => {
  let demo: Demo;
  let chromium: Chromium;
  let page: Page;
  let stranger: Awaited<ReturnType<typeof startStranger>>;

  beforeAll(async () => {
    [demo, stranger, chromium] = await Promise.all([
      Demo.start({ cameras: 1 }),
      startStranger(),
      Chromium.launch({ width: 1440, height: 900 }),
    ]);
    page = await chromium.context.newPage();
    await signIn(page, demo);
  });
  afterAll(async () => {
    stranger?.child.stdin?.end();
    await chromium?.close();
    await demo?.close();
  });

  it('lists what answers on the network, marks what is known, and adds what is not with its credentials', async (context) => {
    await page.goto(`${demo.address}/cameras`);
    await page.getByTestId('cameras').waitFor();
    await page.keyboard.press('d');
    await page.getByTestId('discovery-start').click();
    await page.locator('[data-testid=discovery-progress][data-state=done]').waitFor({ timeout: 15_000 });
    const [known] = (await demo.api<Listed>('GET', '/cameras')).items;
    const ownRow = page.getByTestId(`found-127.0.0.1:${known?.source.port}`);
    const row = page.getByTestId(`found-${stranger.place}`);
    if ((await ownRow.count()) === 0 && (await row.count()) === 0) {
      console.error('find-cameras: SKIPPED, no multicast on this machine');
      context.skip();
    }
    expect(await ownRow.textContent()).toContain(`Known as ${known?.name}`);
    expect(await ownRow.getByRole('checkbox').count()).toBe(0);
    await row.getByRole('checkbox').check();
    await page.getByTestId('discovery-username').fill('vedette');
    await page.getByTestId('discovery-password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await row.getByText('Added').waitFor();
    await eventually('the new camera was asked what it offers', async () => {
      const { items } = await demo.api<Listed>('GET', '/cameras');
      return items.some(({ profiles, source }) => source.host === '127.0.0.2' && profiles.length > 0);
    });
    await row.getByText('Added').click();
    await page.getByTestId('camera-drawer').getByText(`onvif://${stranger.place}`).waitFor();
  });
});
