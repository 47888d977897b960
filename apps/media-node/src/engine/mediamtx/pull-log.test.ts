import { describe, expect, it } from 'vitest';
import { readPullLog } from './pull-log.ts';

const at = '2026/11/21 07:55:46 ';

describe("MediaMTX's log", () => {
  it.each([
    ['dial tcp 127.0.0.1:1: connect: connection refused', 'camera_refused'],
    ['bad status code: 401 (Unauthorized)', 'camera_credentials_rejected'],
    ['bad status code: 404 (Not Found)', 'camera_not_found_on_device'],
    ['bad status code: 453 (Not Enough Bandwidth)', 'camera_busy'],
    ['dial tcp 10.9.9.9:554: i/o timeout', 'camera_timeout'],
    ['request timed out', 'camera_timeout'],
    ['TCP timeout', 'camera_stalled'],
    ['dial tcp: lookup gate.site: no such host', 'camera_unreachable'],
    ['dial tcp 10.9.9.9:554: connect: no route to host', 'camera_unreachable'],
    [
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      'certificate_rejected',
    ],
    ['EOF', 'camera_refused'],
    ['invalid SDP: no media', 'camera_protocol_error'],
  ])('says of "%s" that it is %s', (text, reason) => {
    expect(readPullLog(`${at}ERR [path cam_a] [RTSP source] ${text}`)).toMatchObject({
      path: 'cam_a',
      news: { kind: 'failed', reason },
    });
  });

  it('tells when a pull begins and ends, and what was lost', () => {
    const read = (text: string) => readPullLog(`${at}${text}`)?.news;
    expect(read('INF [path cam_a] [RTSP source] started on demand')).toEqual({ kind: 'started' });
    expect(read('INF [path cam_a] [RTSP source] stopped: not needed by anyone')).toEqual({ kind: 'stopped' });
    expect(read('WAR [path cam_a] [RTSP source] 12 RTP packets lost')).toEqual({ kind: 'lost', packets: 12 });
  });

  it('tells no secret, whatever the camera said', () => {
    const line = `${at}ERR [path cam_a] [RTSP source] cannot open rtsp://admin:hunter2@10.0.0.1/x`;
    expect(JSON.stringify(readPullLog(line))).not.toContain('hunter2');
  });

  it.each([
    'INF [RTSP] [session 4295ca1f] created by 127.0.0.1:57088',
    'INF [path cam_a] [recorder] recording H264',
    '',
  ])('says nothing of a pull by "%s"', (text) => {
    expect(readPullLog(`${at}${text}`)).toBeUndefined();
  });
});
