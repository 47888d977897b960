import { Socket } from 'node:net';
import { systemClock } from '@vedette/runtime';
import { type RtspHandler, RtspRefusal } from '../../../packages/rtsp/src/server/rtsp-handler.ts';
import { ServerConnection } from '../../../packages/rtsp/src/server/server-connection.ts';
import { Chunks } from '../chunks.ts';
import { type FuzzTarget, promise } from '../fuzz-target.ts';
import { bytesOf } from '../mutator.ts';

/** Hears everything, says nothing: only the bytes of strangers count. */
class DeafSocket extends Socket {
  /** By status. */
  readonly answers = new Map<string, number>();

  override write(data: unknown): boolean {
    const status = String(data).slice(9, 12);
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    return true;
  }
}

const REQUESTS = bytesOf(
  'OPTIONS rtsp://127.0.0.1/live/a RTSP/1.0\r\nCSeq: 1\r\n\r\n',
  'DESCRIBE rtsp://127.0.0.1/live/a?token=x RTSP/1.0\r\nCSeq: 2\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n',
  'DESCRIBE rtsp://127.0.0.1/live/a RTSP/1.0\r\nCSeq: 2\r\nAuthorization: Digest username="a", realm="b", nonce="c", uri="rtsp://x", response="d", qop=auth, nc=1, cnonce="e"\r\n\r\n',
  'SETUP rtsp://127.0.0.1/live/a/trackID=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n',
  'SETUP rtsp://127.0.0.1/live/a/trackID=1 RTSP/1.0\r\nCSeq: 4\r\nTransport: RTP/AVP;multicast,RTP/AVP/TCP;interleaved=7\r\n\r\n',
  'PLAY rtsp://127.0.0.1/live/a RTSP/1.0\r\nCSeq: 5\r\nSession: x\r\n\r\n',
  'GET_PARAMETER rtsp://127.0.0.1/live/a RTSP/1.0\r\nCSeq: 6\r\n\r\n',
  'ANNOUNCE rtsp://127.0.0.1/live/b RTSP/1.0\r\nCSeq: 7\r\nContent-Type: application/sdp\r\nContent-Length: 56\r\n\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:a',
  'RECORD rtsp://127.0.0.1/live/b RTSP/1.0\r\nCSeq: 8\r\nSession: x\r\n\r\n',
  'TEARDOWN rtsp://127.0.0.1/live/b RTSP/1.0\r\nCSeq: 9\r\n\r\n',
  '$\0\0\x0c\x80\x60\0\x01\0\0\0\0\0\0\0\0',
);
const WORDS = bytesOf(
  '\r\n',
  '\r\n\r\n',
  '%',
  '%00',
  '..',
  '/',
  '?',
  'rtsp://',
  'Transport: ',
  'interleaved=',
  '255-256',
  'mode=record',
  'Session: ',
);

const handler: RtspHandler = {
  async play(ask) {
    if (!ask.path.startsWith('live/')) throw new RtspRefusal(404, 'there is no such path');
    return {
      sdp: 'v=0\r\nm=video 0 RTP/AVP 96\r\n',
      controls: ['trackID=0', 'trackID=1'],
      join: () => () => undefined,
    };
  },
  async record(ask) {
    if (!ask.path.startsWith('live/')) throw new RtspRefusal(403, 'not for you');
    return { rtp: () => undefined, rtcp: () => undefined, began: () => undefined, ended: () => undefined };
  },
};

/** Requests of strangers, in any order, at the server's side of a connection. */
export const rtspServerTarget: FuzzTarget = {
  name: 'rtsp: requests to the server',
  inputsPerSubject: 200,
  open: () => {
    const chunks = new Chunks(REQUESTS, WORDS);
    const connect = () => {
      const socket = new DeafSocket();
      const connection = new ServerConnection({
        socket,
        handler,
        clock: systemClock,
        udpAllowed: false,
        challenges: (nonce) => [`Digest realm="x", nonce="${nonce}"`],
        onClosed: () => undefined,
      });
      return { socket, connection };
    };
    let client = connect();
    let heard = 0;
    return {
      next: (random) => chunks.next(random),
      feed: (input) => {
        client.socket.emit('data', Buffer.from(input));
        heard += 1;
      },
      settle: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        promise(!client.socket.answers.has('500'), 'no request is an error of ours');
        if (heard % 100 !== 0 && !client.socket.destroyed) return;
        client.connection.close();
        client = connect();
      },
    };
  },
};
