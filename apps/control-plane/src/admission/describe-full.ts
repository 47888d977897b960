import { NodeId } from '@vedette/contracts';
import type { FullOffer } from '../state/shared-state.ts';
import type { NodePressure } from './node-pressure.ts';

/** Why an offer was not taken, for who asked. */
export function describeFull(full: FullOffer, pressure: Pick<NodePressure, 'of'>): string {
  const { key, limit, profile, protocol } = full;
  const name = { webrtc: 'WebRTC', hls: 'HLS', rtsp: 'RTSP' }[protocol];
  switch (limit) {
    case 'camera':
      return `As many viewers as allowed watch this camera over ${name}.`;
    case 'node':
      if (isBusy(full, pressure))
        return `${pressure.of(NodeId.parse(key)).why}: new views do without ${name}.`;
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

/** The node has room by number, but is busy as it is. */
export function isBusy({ key, limit }: FullOffer, pressure: Pick<NodePressure, 'of'>): boolean {
  return limit === 'node' && pressure.of(NodeId.parse(key)).level !== 'free';
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
