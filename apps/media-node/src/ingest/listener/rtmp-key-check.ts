import { sameSecret } from '@vedette/runtime';

/** What a line of FFmpeg's tells of the encoder's stream key. */
export type KeyVerdict = 'nothing' | 'right' | 'wrong';

/** FFmpeg keeps 63 bytes of a name that an encoder sends. */
export const LIMIT_KEY_BYTES = 63;

const UNEXPECTED = /Unexpected stream (.*), expecting ([0-9a-f]+)$/;

/** What an encoder must enter as its stream key. */
export function streamKey(username: string, password: string): string {
  return username === '' ? password : `${username}-${password}`;
}

/**
 * Our RTMP listener is told a name that no encoder knows, so that the key need not stand in its arguments: FFmpeg
 * then warns of every encoder and says the name that it sent. No warning means no admission.
 */
export function judgeLine(line: string, key: string, decoy: string): KeyVerdict {
  const found = UNEXPECTED.exec(line);
  if (found === null) return 'nothing';
  const [, sent = '', expected = ''] = found;
  return expected === decoy && sameSecret(sent, key) ? 'right' : 'wrong';
}
