/** By then gathering, ICE and DTLS have said what they had to say, or say nothing any more. */
const QUIET_AFTER_MS = 500;

/**
 * Closes a connection that nobody listens to any more. Chromium (seen in 156) never frees one that is closed while it
 * sets a description or has an event to deliver, so one that is still being set up is closed when it has come to rest.
 */
export function closePeer(peer: RTCPeerConnection, describing: Promise<void>): void {
  peer.oniceconnectionstatechange = null;
  peer.onconnectionstatechange = null;
  peer.onicegatheringstatechange = null;
  peer.onicecandidate = null;
  if (peer.connectionState === 'connected') {
    peer.close();
    return;
  }
  const later = (): void => void setTimeout(() => peer.close(), QUIET_AFTER_MS);
  describing.then(later, later);
}
