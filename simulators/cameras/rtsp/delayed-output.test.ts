import { expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { DelayedOutput } from './delayed-output.ts';

it('what is sent stays in order while the delay changes, and goes at once when there is none', () => {
  const clock = new ManualClock();
  let delayMs = 0;
  const sent: string[] = [];
  const output = new DelayedOutput({ clock, delayMs: () => delayMs });
  output.run(() => sent.push('a'));
  expect(sent).toEqual(['a']);
  delayMs = 100;
  output.run(() => sent.push('b'));
  delayMs = 0;
  output.run(() => sent.push('c'));
  clock.advance(99);
  expect(sent).toEqual(['a']);
  clock.advance(1);
  expect(sent).toEqual(['a', 'b', 'c']);
  output.run(() => sent.push('d'));
  expect(sent).toEqual(['a', 'b', 'c', 'd']);
  delayMs = 100;
  output.run(() => sent.push('e'));
  output.close();
  clock.advance(1000);
  expect(sent).toEqual(['a', 'b', 'c', 'd']);
});
