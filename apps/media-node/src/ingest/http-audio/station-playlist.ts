/** Of M3U and PLS, which stations publish instead of the address of their stream; null when it is neither. */
export function isPlaylist(contentType: string, path: string): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (/^(audio|application)\/(x-)?(mpegurl|scpls|pls\+xml)$/.test(type)) return true;
  if (type === 'application/vnd.apple.mpegurl') return true;
  return /^(text\/|$)/.test(type) && /\.(m3u8?|pls)$/i.test(path);
}

export type StationPlaylist =
  | { readonly kind: 'address'; readonly url: URL }
  /** An HLS station, which is a medium of its own. */
  | { readonly kind: 'hls' }
  | { readonly kind: 'empty' };

/** The first address that a playlist names. */
export function readPlaylist(text: string, base: URL): StationPlaylist {
  if (/^#EXT-X-(TARGETDURATION|STREAM-INF)/m.test(text)) return { kind: 'hls' };
  for (const line of text.split(/\r\n|\r|\n/)) {
    const entry = /^\s*file\d*\s*=\s*(.+)$/i.exec(line)?.[1]?.trim() ?? line.trim();
    if (entry === '' || entry.startsWith('#') || entry.startsWith('[') || /^\w+=/.test(entry)) continue;
    const url = URL.parse(entry, base);
    if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:'))
      return { kind: 'address', url };
  }
  return { kind: 'empty' };
}
