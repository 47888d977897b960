import { describe, expect, it, vi } from 'vitest';
import { HeldClock } from './clock.fixture.ts';
import { PlayerError } from './player-error.ts';
import { viewOf } from './player-state.fixture.ts';
import type { View } from './view-grant.ts';
import { ViewLease } from './view-lease.ts';

function lease(renew: (view: View) => Promise<View>) {
  const clock = new HeldClock();
  const onRenewed = vi.fn<(view: View) => void>();
  const onLost = vi.fn<(code: string) => void>();
  const client = { renew: vi.fn(renew) };
  const held = new ViewLease({ view: viewOf('v1'), client, clock, onRenewed, onLost });
  return { clock, client, held, onLost, onRenewed };
}
const answered = () => vi.waitFor(() => Promise.resolve());

describe('a view’s tokens', () => {
  it('are renewed at half their life, again and again', async () => {
    const { client, clock, onRenewed } = lease(async (view) => view);
    clock.pass(134_000);
    expect(client.renew).not.toHaveBeenCalled();
    clock.pass(16_000);
    await answered();
    expect(onRenewed).toHaveBeenCalledTimes(1);
    clock.pass(150_000);
    await answered();
    expect(onRenewed).toHaveBeenCalledTimes(2);
  });

  it('are asked for again while control is away, and the view goes on', async () => {
    const { client, clock, onLost } = lease(async () => {
      throw new PlayerError('control_unreachable');
    });
    clock.pass(150_000);
    await answered();
    clock.pass(5000);
    await answered();
    expect(client.renew).toHaveBeenCalledTimes(2);
    expect(onLost).not.toHaveBeenCalled();
  });

  it('are no more when control does not know the view', async () => {
    const { clock, onLost } = lease(async () => {
      throw new PlayerError('session_revoked');
    });
    clock.pass(150_000);
    await answered();
    expect(onLost).toHaveBeenCalledWith('session_revoked');
    expect(clock.timers).toBe(0);
  });

  it('leave nothing behind when the view is let go of', () => {
    const { clock, held } = lease(async (view) => view);
    held.close();
    expect(clock.timers).toBe(0);
  });
});
