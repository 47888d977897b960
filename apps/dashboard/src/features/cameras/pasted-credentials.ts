/**
 * A URL with credentials in it, as people paste them, taken apart: control wants them in fields of their own.
 * Undefined when there are none.
 */
export function withoutCredentials(
  url: string,
): { readonly url: string; readonly username: string; readonly password: string } | undefined {
  const match = /^((?:rtsp|http)s?:\/\/)([^/]*)@(.*)$/i.exec(url.trim());
  const [, scheme, userInfo, rest] = match ?? [];
  if (scheme === undefined || userInfo === undefined || rest === undefined) return undefined;
  const colon = userInfo.indexOf(':');
  const username = colon === -1 ? userInfo : userInfo.slice(0, colon);
  const password = colon === -1 ? '' : userInfo.slice(colon + 1);
  return { url: `${scheme}${rest}`, username: decoded(username), password: decoded(password) };
}

/** Percent-decoded where that is possible; a lone % belongs to the password. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
