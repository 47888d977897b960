import type { ReasonCode } from '@vedette/contracts';
import { SourceError } from '../ingest/source-error.ts';

interface Explanation {
  readonly pattern: RegExp;
  readonly code: ReasonCode;
  readonly message: string;
}

/** Words of FFmpeg 4 to 7, most telling first. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /failed to execute|error while loading shared libraries/i,
    code: 'ffmpeg_missing',
    message: 'FFmpeg could not be started.',
  },
  {
    pattern: /Unknown encoder|Encoder not found|Unrecognized option|Option not found/i,
    code: 'ffmpeg_failed',
    message: 'The FFmpeg of this node lacks a part that is needed.',
  },
  {
    pattern: /not on whitelist|whitelist/i,
    code: 'source_not_allowed',
    message: 'The source is, or points to, something that may not be opened.',
  },
  {
    pattern: /401 Unauthorized|403 Forbidden|authorization failed|BADSECRET/i,
    code: 'camera_credentials_rejected',
    message: 'The source refused the user name or password.',
  },
  {
    pattern: /404 Not Found|410 Gone|No such file or directory/i,
    code: 'source_not_found',
    message: 'The file or address does not exist.',
  },
  {
    pattern: /Address already in use/i,
    code: 'ffmpeg_failed',
    message: 'The port to listen on is used by something else.',
  },
  {
    pattern: /Permission denied/i,
    code: 'source_not_found',
    message: 'FFmpeg may not read the source.',
  },
  {
    pattern: /Connection refused|Connection reset|Broken pipe|Connection timed out|Network is unreachable/i,
    code: 'ffmpeg_failed',
    message: 'The other side of FFmpeg closed the connection, or could not be reached.',
  },
  {
    pattern:
      /moov atom not found|Invalid data found|could not find codec parameters|EBML header parsing failed/i,
    code: 'ffmpeg_failed',
    message: 'The source is damaged, or no media of a kind that is read.',
  },
  {
    pattern: /does not contain any stream|matches no streams/i,
    code: 'codec_unsupported',
    message: 'The source holds neither pictures nor sound.',
  },
  {
    pattern: /Error while opening encoder|Error initializing output stream|Cannot load|No capable devices/i,
    code: 'ffmpeg_failed',
    message: 'The video encoder could not be started.',
  },
];

/** A sentence for people from what FFmpeg said; its own words go along as the cause, with secrets masked already. */
export function explainFailure(tail: string, exit: string): SourceError {
  const found = EXPLANATIONS.find(({ pattern }) => pattern.test(tail));
  return new SourceError(
    found?.code ?? 'ffmpeg_failed',
    'transcode',
    found?.message ?? 'FFmpeg stopped with an error.',
    { cause: new Error(`${exit}: ${tail === '' ? 'it said nothing' : tail}`) },
  );
}
