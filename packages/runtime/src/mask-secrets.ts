const CAPABILITY = /(\/hls\/)(?!-\/)[^/?\s"]+(?=\/)/g;
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^/\s"@]*(?:@[^/\s"@]*)*@/gi;
const QUERY_SECRET = /([?&](?:token|password|pwd|auth|key|secret)=)[^&\s"]+/gi;
const BEARER = /\b(Bearer|Basic|Digest)\s+[^"\r\n]+/g;
const TOKEN = /\bvdt_[\w-]+/g;

/** Replaces whatever looks like a credential or a playback capability; applied to every log line. */
export function maskSecrets(text: string): string {
  return text
    .replace(CAPABILITY, '$1***')
    .replace(JWT, '***')
    .replace(URL_CREDENTIALS, '$1***@')
    .replace(QUERY_SECRET, '$1***')
    .replace(BEARER, '$1 ***')
    .replace(TOKEN, 'vdt_***');
}
