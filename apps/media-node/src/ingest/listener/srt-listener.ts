import { SourceError } from '../source-error.ts';
import type { Listener, ListenerOptions } from './listener-source.ts';

/** SRT's own limits (draft-sharabayko-srt section 6.1.4). */
const PASSPHRASE = /^[\x21-\x26\x28-\x7e]{10,79}$/;

/**
 * `srt://node:port`, the password as passphrase, AES-128; libsrt refuses who has another. SRT knows no user names.
 * The address goes to FFmpeg by its standard input, as a script, since everybody may read a process's arguments.
 * @throws SourceError when the password cannot be a passphrase
 */
export function srtListener({ source, port, bind }: ListenerOptions): Listener {
  if (!PASSPHRASE.test(source.password))
    throw new SourceError(
      'ffmpeg_failed',
      'listen',
      'The password for SRT must have 10 to 79 letters, digits or signs, and no space or apostrophe.',
    );
  const host = bind.includes(':') ? `[${bind}]` : bind;
  const script = [
    'ffconcat version 1.0',
    `file 'srt://${host}:${port}?mode=listener'`,
    `option passphrase '${source.password}'`,
    'option pbkeylen 16',
    'option analyzeduration 1000000',
    'option probesize 500000',
    'option fpsprobesize 0',
    '',
  ];
  return {
    job: {
      args: [
        ...['-protocol_whitelist', 'pipe,srt,udp', '-format_whitelist', 'concat,mpegts'],
        ...['-f', 'concat', '-safe', '0', '-analyzeduration', '0', '-fpsprobesize', '0', '-i', 'pipe:0'],
        ...['-map', '0:v:0?', '-map', '0:a:0?', '-c:v', 'copy', '-c:a', 'aac', '-b:a', '128k'],
      ],
      stdin: { kind: 'script', text: script.join('\n') },
    },
    secrets: [source.password],
    admitsItself: true,
    judge: () => 'nothing',
  };
}
