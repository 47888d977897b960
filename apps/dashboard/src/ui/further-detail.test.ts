import { describe, expect, it } from 'vitest';
import { furtherDetail } from './further-detail.ts';

describe('further detail', () => {
  it('is left out when the sentence of the reason says it already', () => {
    expect(furtherDetail('camera_refused', 'The camera refused the connection.')).toBeUndefined();
    expect(furtherDetail('camera_refused', null)).toBeUndefined();
    expect(furtherDetail('camera_refused', ' ')).toBeUndefined();
  });

  it('is shown when it says more', () => {
    expect(furtherDetail('camera_refused', 'Port 554 answered with a reset.')).toBe(
      'Port 554 answered with a reset.',
    );
  });
});
