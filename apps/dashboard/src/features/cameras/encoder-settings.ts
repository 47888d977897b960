import type { PublishVia } from '@vedette/contracts';
import { hasPortOfItsOwn } from './camera-form.ts';

/** What is entered in an encoder, under the name that encoders give it. */
export interface EncoderSetting {
  readonly label: string;
  readonly value: string;
  readonly isSecret: boolean;
  /** Where it is often called otherwise, or may be another. */
  readonly note?: string;
}

export interface EncoderPlace {
  readonly via: PublishVia;
  readonly port: number | undefined;
  /** Of the camera's main stream. */
  readonly path: string;
  readonly username: string;
  /** Undefined once it is not told any more. */
  readonly password: string | undefined;
  /** Of the node that waits for the encoder; undefined while that is not known. */
  readonly nodeUrl: string | undefined;
}

/** Default of the node's setting RTSP_PORT. */
const RTSP_PORT = 8554;
const NODE_UNKNOWN = 'NODE';

/** What to enter in the encoder, line by line, as the node's listeners expect it. */
export function encoderSettings(place: EncoderPlace): readonly EncoderSetting[] {
  const { password, path, port, username, via } = place;
  const host = place.nodeUrl === undefined ? NODE_UNKNOWN : new URL(place.nodeUrl).hostname;
  const plain = (label: string, value: string, note?: string): EncoderSetting => ({
    label,
    value,
    isSecret: false,
    ...(note === undefined ? {} : { note }),
  });
  const secret = (label: string, value: (password: string) => string, note?: string): EncoderSetting[] =>
    password === undefined ? [] : [{ ...plain(label, value(password), note), isSecret: true }];
  const same = (text: string) => text;
  const ownPort = hasPortOfItsOwn(via) ? String(port ?? '') : '';
  switch (via) {
    case 'rtsp':
      return [
        plain(
          'Address',
          `rtsp://${host}:${RTSP_PORT}/${path}`,
          `${RTSP_PORT} unless the node's RTSP_PORT says otherwise.`,
        ),
        plain('User name', username),
        ...secret('Password', same),
      ];
    case 'whip':
      return [
        plain(
          'Address',
          `${(place.nodeUrl ?? `http://${NODE_UNKNOWN}`).replace(/\/+$/, '')}/whip/${path}`,
          'Called server or endpoint in most encoders.',
        ),
        ...secret(
          'Bearer token',
          same,
          `Or, where an encoder asks for both, the password of the user ${username}.`,
        ),
      ];
    case 'rtmp':
      return [
        plain('Server', `rtmp://${host}:${ownPort}/live`),
        ...secret('Stream key', (known) => `${username}-${known}`, 'User name, a dash and the password.'),
      ];
    case 'srt':
      return [
        plain('Address', `srt://${host}:${ownPort}`, 'Mode: caller. The format is MPEG-TS.'),
        ...secret(
          'Passphrase',
          same,
          'AES-128, which is a key length (pbkeylen) of 16. SRT has no user name.',
        ),
      ];
  }
}
