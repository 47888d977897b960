import { AlertKind } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { EVENTS, eventsWords } from './alert-words.ts';

describe('the words of alerts', () => {
  it('name everything that somebody can be told of', () => {
    const known = EVENTS.map(({ value }) => value).sort();
    expect(known).toEqual(AlertKind.options.filter((kind) => kind !== 'test').sort());
  });

  it('say what somebody is told of', () => {
    expect(eventsWords(['node.lost', 'camera.offline'])).toBe('A camera goes, A media node is lost');
    expect(eventsWords(EVENTS.map(({ value }) => value))).toBe('Everything');
  });
});
