import type { GivenIceServer } from '@vedette/runtime';

/** `Link` of ICE servers (draft-ietf-wish-whep-03 section 4.5); undefined when there are none. */
export function linkHeader(servers: readonly GivenIceServer[]): string | undefined {
  const links = servers.flatMap(({ urls, username, credential }) =>
    urls.map((url) =>
      username === undefined || credential === undefined
        ? `<${encode(url)}>; rel="ice-server"`
        : `<${encode(url)}>; rel="ice-server"; username=${quote(username)}; credential=${quote(credential)}; credential-type="password"`,
    ),
  );
  return links.length === 0 ? undefined : links.join(', ');
}

/** A quoted string (RFC 9110 section 5.6.4). */
function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function encode(url: string): string {
  return url.replaceAll('<', '%3C').replaceAll('>', '%3E');
}
