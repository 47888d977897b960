import { randomBytes } from 'node:crypto';
import { SourceError } from '../source-error.ts';
import type { Listener, ListenerOptions } from './listener-source.ts';
import { judgeLine, LIMIT_KEY_BYTES, streamKey } from './rtmp-key-check.ts';

/**
 * `rtmp://node:port/live` with the stream key `username-password`.
 * @throws SourceError when FFmpeg could not tell such a key from another
 */
export function rtmpListener({ source, port, bind }: ListenerOptions): Listener {
  const key = streamKey(source.username, source.password);
  if (Buffer.byteLength(key) > LIMIT_KEY_BYTES || source.password === '')
    throw new SourceError('ffmpeg_failed', 'listen', 'The stream key for RTMP must have 1 to 63 characters.');
  const decoy = randomBytes(16).toString('hex');
  const host = bind.includes(':') ? `[${bind}]` : bind;
  return {
    job: {
      args: [
        ...['-protocol_whitelist', 'rtmp,tcp', '-format_whitelist', 'flv', '-f', 'flv', '-listen', '1'],
        ...['-analyzeduration', '1000000', '-probesize', '500000', '-fpsprobesize', '0'],
        ...['-i', `rtmp://${host}:${port}/live/${decoy}`],
        ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy'],
      ],
      stdin: { kind: 'none' },
    },
    secrets: [key, source.password, decoy],
    admitsItself: false,
    judge: (line) => judgeLine(line, key, decoy),
  };
}
