import { UserView, WatchTime } from '@vedette/contracts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Chromium } from '../support/chromium.ts';
import { Demo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { movingTiles, signIn, tiles } from '../support/wall-page.ts';

const PASSWORD = 'olga watches the yard';
const DAY_MS = 24 * 60 * 60_000;
const Cameras = z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) });
const figure = z.number().nullish();
const EndedViews = z.object({
  items: z.array(
    z.object({
      data: z.looseObject({
        reason: z.string(),
        pictureSeconds: figure,
        onScreenSeconds: figure,
        framesSent: figure,
        bytesSent: figure,
      }),
    }),
  ),
});
const Entries = z.object({ items: z.array(z.unknown()) });

describe('who may watch what, in the browser', () => {
  let demo: Demo;
  let admin: Chromium;
  let operator: Chromium;
  let desk: Page;
  let wall: Page;
  let olga: UserView;
  let kept: z.infer<typeof Cameras>['items'][number];
  let lost: z.infer<typeof Cameras>['items'][number];

  beforeAll(async () => {
    [demo, admin, operator] = await Promise.all([
      Demo.start({ cameras: 2 }),
      Chromium.launch({ width: 1440, height: 900 }),
      Chromium.launch(),
    ]);
    const user = { name: 'olga', password: PASSWORD, role: 'operator' };
    olga = UserView.parse(await demo.api('POST', '/users', user));
    const [first, second] = Cameras.parse(await demo.api('GET', '/cameras')).items;
    if (first === undefined || second === undefined) throw new Error('the demo has no two cameras');
    [kept, lost] = [first, second];
    desk = await admin.context.newPage();
    wall = await operator.context.newPage();
    await Promise.all([signIn(desk, demo), signIn(wall, demo, { name: 'olga', password: PASSWORD })]);
    await movingTiles(wall, 2, 'webrtc', 15_000);
  });
  afterAll(async () => {
    await Promise.all([admin?.close(), operator?.close()]);
    await demo?.close();
  });

  it('takes a camera away from somebody, whose tile says so and asks for nothing more', async () => {
    await desk.goto(`${demo.address}/users`);
    await desk.getByTestId('grants-of-olga').click();
    await desk.getByTestId('grants-chosen').check({ force: true });
    await desk.getByTestId('grant-add').fill(kept.name);
    await desk.getByTestId(`option-camera-${kept.id}`).waitFor();
    await desk.keyboard.press('Enter');
    await desk.getByTestId(`grant-${kept.id}`).waitFor();
    await desk.getByTestId('grants-save').click();
    await desk.getByTestId('grants-of-olga').getByText('1 camera').waitFor();

    const gone = wall.locator(`[data-camera-id="${lost.id}"]`);
    await wall.locator(`[data-camera-id="${lost.id}"][data-reason=access_ended]`).waitFor({ timeout: 5000 });
    expect(await gone.getAttribute('data-state')).toBe('forbidden');
    expect(await gone.textContent()).toContain('You may not watch this camera any more.');
    expect((await tiles(wall)).find(({ cameraId }) => cameraId === kept.id)?.state).toBe('live');
    const refusals = await demo.api('GET', `/audit?kind=view-refused&actor=${olga.id}`);
    expect(Entries.parse(refusals).items).toEqual([]);
  });

  it('puts a rule in force, which a running picture follows without going dark', async () => {
    await desk.goto(`${demo.address}/policy`);
    await desk.getByTestId('rule-add').click();
    await desk.getByTestId('rule-name').fill('Operators by HLS');
    await desk.getByTestId('test-add').click();
    await desk.getByTestId('test-0-fact').selectOption('viewer.role');
    await desk.getByTestId('test-0-values-operator').check();
    await desk.getByTestId('give-protocols').selectOption('hls');
    await desk.getByTestId('rule-reason').fill('A test.');
    await desk.getByTestId('rule-save').click();
    expect(await desk.getByTestId('rule-operators-by-hls').textContent()).toContain(
      'the role of who watches is Operator',
    );

    await desk.getByTestId('policy-try').click();
    await desk.getByTestId('try-camera').fill(kept.name);
    await desk.getByTestId(`option-${kept.id}`).click();
    await desk.getByTestId('try-ask').click();
    await desk.locator('[data-testid=trace-operators-by-hls][data-result=applies]').waitFor();
    expect(await desk.getByTestId('try-offered').textContent()).toMatch(/^HLS, /);
    await desk.keyboard.press('Escape');

    const states = watchStates(wall, kept.id);
    await desk.getByTestId('policy-save').click();
    await wall
      .locator(`[data-camera-id="${kept.id}"][data-protocol=hls][data-state=live]`)
      .waitFor({ timeout: 10_000 });
    expect(await states).toEqual(['live']);
  });

  it('writes down what a view was really sent, and for how long it could be seen', async () => {
    const left = await eventually('the view by WebRTC is written down', async () =>
      EndedViews.parse(
        await demo.api('GET', `/audit?kind=view-ended&actor=${olga.id}&camera=${kept.id}`),
      ).items.find(({ data }) => data.reason === 'viewer_left' && (data.pictureSeconds ?? 0) > 1),
    );
    expect(left.data).toMatchObject({ connected: true, protocols: ['webrtc'], figures: 'final' });
    for (const figure of ['pictureSeconds', 'onScreenSeconds', 'framesSent', 'bytesSent'] as const)
      expect(left.data[figure], figure).toBeGreaterThan(1);
    const use = WatchTime.parse(await demo.api('GET', '/analytics/watch-time?by=user'));
    expect(use.items.find(({ name }) => name === 'olga')?.seconds).toBeGreaterThan(1);
  });

  it('tells who watched a camera yesterday, and that nobody has changed the record of it', async () => {
    await desk.clock.setFixedTime(Date.now() + DAY_MS);
    await desk.goto(`${demo.address}/cameras?camera=${lost.id}`);
    await desk.getByTestId('watched-yesterday').click();
    await desk.getByTestId('audit-view-started').first().waitFor();
    expect(await desk.getByTestId('audit-camera').textContent()).toContain(lost.name);
    await eventually('the operator stands in it', async () => {
      const rows = await desk.getByTestId('audit-view-started').allTextContents();
      return rows.length > 0 && rows.every((row) => row.includes('olga') || row.includes('admin'));
    });
    expect((await desk.getByTestId('audit-view-started').allTextContents()).join()).toContain('olga');
    await desk.getByTestId('audit-verify').click();
    await desk.getByTestId('audit-verdict').getByText('Nothing was altered or removed').waitFor();
  });
});

/** Every state that a tile has until it is live by HLS, each once. */
function watchStates(page: Page, cameraId: string): Promise<string[]> {
  return page.evaluate(
    (id) =>
      new Promise<string[]>((resolve) => {
        const tile = document.querySelector<HTMLElement>(`[data-camera-id="${id}"]`);
        const seen = new Set<string>();
        const look = () => {
          const { protocol, state } = tile?.dataset ?? {};
          if (state !== undefined) seen.add(state);
          if (protocol === 'hls' && state === 'live') resolve([...seen]);
          else requestAnimationFrame(look);
        };
        look();
      }),
    cameraId,
  );
}
