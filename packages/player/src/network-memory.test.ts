import { describe, expect, it } from 'vitest';
import { HeldClock } from './clock.fixture.ts';
import { NetworkMemory } from './network-memory.ts';

function memory() {
  const clock = new HeldClock();
  return { clock, network: new NetworkMemory({ now: () => clock.now() }) };
}

describe('what a page remembers of its network', () => {
  it('knows nothing at first, then what the first connection found', () => {
    const { network } = memory();
    expect(network.udp).toBeUndefined();
    network.unreachable();
    expect(network.udp).toBe(false);
    network.connected();
    expect(network.udp).toBe(true);
  });

  it('does not call a network blocked that worked a moment ago, until it fails twice', () => {
    const { network } = memory();
    network.connected();
    network.unreachable();
    expect(network.udp).toBeUndefined();
    network.unreachable();
    expect(network.udp).toBe(false);
  });

  it('lets one player look again after a minute, then ever more rarely', () => {
    const { clock, network } = memory();
    network.unreachable();
    expect(network.takeProbe()).toBe(false);
    clock.pass(60_000);
    expect([network.takeProbe(), network.takeProbe()]).toEqual([true, false]);
    network.unreachable();
    expect(network.probeInMs).toBe(120_000);
    clock.pass(120_000);
    expect(network.takeProbe()).toBe(true);
    expect(network.probeInMs).toBe(240_000);
  });

  it('begins anew when the machine changes networks', () => {
    const { network } = memory();
    network.unreachable();
    network.forget();
    expect([network.udp, network.probeInMs]).toEqual([undefined, 0]);
  });
});
