const REALM = 'Vedette';

/**
 * What a 401 offers. A player's password is kept as a hash and its token is not known at all, so that only Basic can
 * be checked; an encoder's is known, and need not go over the line in clear. MD5 alone: FFmpeg fails with SHA-256.
 */
export function rtspChallenges(nonce: string, purpose: 'play' | 'record'): readonly string[] {
  const basic = `Basic realm="${REALM}"`;
  return purpose === 'play' ? [basic] : [`Digest realm="${REALM}", nonce="${nonce}"`, basic];
}
