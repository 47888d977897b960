import { describe, expect, it } from 'vitest';
import { DeliveryMeter } from './delivery-meter.ts';

const sent = (framesSent: number) => ({
  bytesSent: framesSent * 10,
  framesSent,
  framesDropped: 1,
  packetsLost: 2,
});

describe('DeliveryMeter', () => {
  it('counts the seconds in which pictures came, neither the wait for the first nor a stall', () => {
    const meter = new DeliveryMeter();
    meter.read([sent(0)], 0);
    meter.read([sent(1)], 900);
    for (let second = 1; second <= 10; second += 1) meter.read([sent(1 + second * 25)], 900 + second * 1000);
    expect(meter.read([sent(251)], 60_900).pictureSeconds).toBe(10);
    expect(meter.read([sent(276)], 61_900).pictureSeconds).toBe(12);
  });

  it('counts the seconds in which nobody asked while pictures came', () => {
    const meter = new DeliveryMeter();
    for (let second = 0; second <= 10; second += 1) meter.read([sent(1 + second * 25)], second * 1000);
    expect(meter.read([sent(1 + 310 * 25)], 310_000).pictureSeconds).toBeCloseTo(310, -1);
  });

  it('comes to the same however often it is read', () => {
    const often = new DeliveryMeter();
    for (let ms = 0; ms <= 5000; ms += 10) often.read([sent(Math.floor(ms / 40))], ms);
    expect(often.read([sent(125)], 5000).pictureSeconds).toBeCloseTo(5, 1);
  });

  it('adds what connections were sent that are gone to what those are sent that are there', () => {
    const meter = new DeliveryMeter();
    meter.read([sent(100)], 0);
    meter.left(sent(100));
    expect(meter.read([sent(50)], 1000)).toEqual({
      bytesSent: 1500,
      framesSent: 150,
      framesDropped: 2,
      packetsLost: 4,
      pictureSeconds: 1,
    });
  });
});
