import type { FullOffer } from '../state/shared-state.ts';

/** Why an offer was not taken, for who asked. */
export function describeFull({ key, limit, profile, protocol }: FullOffer): string {
  const name = { webrtc: 'WebRTC', hls: 'HLS', rtsp: 'RTSP' }[protocol];
  switch (limit) {
    case 'camera':
      return `As many viewers as allowed watch this camera over ${name}.`;
    case 'node':
      return `The media node serves as many ${name} viewers as it bears.`;
    case 'device':
      return `The device of the ${profile} stream bears no further connection.`;
    case 'site':
      return `The line to the site carries as many streams as it bears, and the ${profile} stream is not among them.`;
    case 'user':
      return 'You are watching as many cameras as your allowance lets you.';
    case 'token':
      return 'This API token watches as many cameras as its allowance lets it.';
    case 'tenant':
      return 'Your organisation watches as many cameras as it may.';
    case 'quota-group':
      return `The allowance of ${key.split(' ').slice(2).join(' ')} is used up.`;
    case 'quota-total':
      return 'The allowance of all agencies together is used up.';
    case 'policy':
      return 'A rule allows no more viewers of this camera.';
  }
}

/** Limits of who asks, rather than of what the system bears. */
export function isAllowance({ limit }: FullOffer): boolean {
  switch (limit) {
    case 'user':
    case 'token':
    case 'tenant':
    case 'quota-group':
    case 'quota-total':
      return true;
    case 'camera':
    case 'node':
    case 'device':
    case 'site':
    case 'policy':
      return false;
  }
}
