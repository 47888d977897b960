export const PROFILES = ['main', 'sub'] as const;
export type ProfileName = (typeof PROFILES)[number];
export type TrackName = 'video' | 'sound';

/** Control attributes of the tracks, appended to Content-Base. */
export const TRACKS: Readonly<Record<TrackName, string>> = { video: 'trackID=0', sound: 'trackID=1' };

/** Which track a SETUP means; the picture when it names none. */
export function trackOfUrl(url: string): TrackName {
  return url.endsWith(TRACKS.sound) ? 'sound' : 'video';
}

/**
 * Which profile an RTSP URL means: its first path segment (`/main`, `/sub/trackID=0`, with any query), else
 * the query's `profile` (`/onvif/media?profile=sub`), as cameras of several makers spell it.
 */
export function profileOfUrl(url: string): ProfileName | undefined {
  const match = /^rtsps?:\/\/[^/?]*\/?([^?]*)(?:\?(.*))?$/i.exec(url);
  if (match === null) return undefined;
  const segment = (match[1] ?? '').split('/')[0]?.toLowerCase();
  // A track appended to a URL that has a query lands in the query: `?profile=sub/trackID=0`.
  const query = /(?:^|&)profile=([^&/]*)/i.exec(match[2] ?? '')?.[1]?.toLowerCase();
  return PROFILES.find((profile) => profile === segment) ?? PROFILES.find((profile) => profile === query);
}
