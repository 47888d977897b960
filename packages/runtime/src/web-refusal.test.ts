import { describe, expect, it } from 'vitest';
import { webRefusal } from './address-rules.ts';

describe('webRefusal', () => {
  it.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    'fe80::1',
    'fd00:ec2::254',
    '100.100.100.200',
  ])('keeps web sources from %s, whatever the settings name', (address) => {
    expect(webRefusal(address)).toContain('metadata');
  });

  it.each(['10.0.0.1', '127.0.0.1', '8.8.8.8', '2001:db8::1'])('has nothing to say of %s', (address) => {
    expect(webRefusal(address)).toBeUndefined();
  });
});
