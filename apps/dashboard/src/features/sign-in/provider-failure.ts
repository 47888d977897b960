/** Why signing in through the identity provider failed, by the word that control leaves in the address. */
const WORDS: Readonly<Record<string, string>> = {
  provider:
    'The identity provider cannot be reached, or gave an answer that cannot be trusted. Try again soon.',
  expired: 'That took too long, or went on in another browser. Try again.',
  refused: 'The identity provider did not let you through.',
  'no-role': 'You are known, but none of your groups may do anything here. Ask an administrator.',
  'name-taken': 'Somebody of your name signs in here by password. Ask an administrator.',
  disabled: 'Your account is disabled. Ask an administrator.',
};

/** Undefined where nothing failed. */
export function providerFailure(search: string): string | undefined {
  const failed = new URLSearchParams(search).get('failed');
  if (failed === null) return undefined;
  return Object.hasOwn(WORDS, failed) ? WORDS[failed] : 'Signing in failed. Try again.';
}

/** Where a browser goes to sign in there, and what it wants to see afterwards. */
export function providerAddress(pathname: string, search: string): string {
  const returnTo = pathname === '/sign-in' ? '/' : `${pathname}${search}`;
  return `/api/v1/sign-in/oidc?${new URLSearchParams({ returnTo })}`;
}
