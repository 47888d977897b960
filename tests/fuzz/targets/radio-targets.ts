import { readFileSync } from 'node:fs';
import { AudioFrameReader } from '../../../apps/media-node/src/ingest/http-audio/audio-frame-reader.ts';
import {
  IcySplitter,
  oneLine,
  stationText,
  streamTitle,
} from '../../../apps/media-node/src/ingest/http-audio/icy-metadata.ts';
import { isPlaylist, readPlaylist } from '../../../apps/media-node/src/ingest/http-audio/station-playlist.ts';
import { promise, statelessTarget } from '../fuzz-target.ts';
import { bytesOf } from '../mutator.ts';
import { streamTarget } from './byte-stream-targets.ts';

const sound = (codec: string) =>
  readFileSync(new URL(`../../../fixtures/sounds/sound.${codec}`, import.meta.url)).subarray(0, 4000);
const ID3 = Uint8Array.from(Buffer.from('49443304000000000010544954320000000600000374657374', 'hex'));
const METADATA = bytesOf(
  "\x02StreamTitle='An artist - A song';\0\0\0",
  "\x03StreamTitle='it's';StreamUrl='http://x';\0\0\0\0\0\0\0",
  '\0',
);

export const radioTargets = [
  streamTarget({
    name: 'radio: MP3 and AAC frames',
    seeds: [sound('mp3'), sound('mp3').subarray(0, 288), sound('aac'), ID3],
    words: bytesOf('ID3', 'Xing', '\xff\xfb', '\xff\xf1', 'TAG'),
    open: () => {
      let fed = 0;
      let out = 0;
      let frames = 0;
      const reader = new AudioFrameReader((frame) => {
        frames += 1;
        out += frame.data.length;
        promise(frame.data.length > 0 && out <= fed, 'no more comes out than went in');
        promise(frame.sampleRate > 0 && frame.samples > 0 && frame.channels > 0, 'a frame lasts');
      });
      return (piece) => {
        fed += piece.length;
        reader.push(Uint8Array.from(piece));
        promise(out + reader.skippedBytes <= fed, 'bytes are counted once');
        const waiting = fed - out - reader.skippedBytes - frames * 9;
        promise(waiting <= 66_000, 'what waits is bounded');
      };
    },
  }),
  streamTarget({
    name: 'radio: metadata between the sound',
    seeds: [sound('mp3').subarray(0, 64), ...METADATA],
    words: bytesOf("StreamTitle='", "';", '\0', '\xff'),
    open: () => {
      let fed = 0;
      let out = 0;
      const splitter = new IcySplitter({
        interval: 64,
        onSound: (bytes) => {
          out += bytes.length;
        },
        onMetadata: (block) => {
          promise(block.length <= 255 * 16, 'a block is bounded');
          const title = streamTitle(block);
          promise(title === null || title === undefined || title.length <= 500, 'a title is bounded');
          promise(!/\p{Cc}/u.test(title ?? ''), 'a title is one line');
        },
      });
      return (piece) => {
        fed += piece.length;
        splitter.push(piece);
        promise(out <= fed, 'no more comes out than went in');
      };
    },
  }),
  statelessTarget({
    name: 'radio: playlists of stations',
    seeds: bytesOf(
      '#EXTM3U\r\n#EXTINF:-1,Station\r\nhttp://radio.example/live\r\n',
      '[playlist]\nNumberOfEntries=1\nFile1=http://radio.example/live\nTitle1=x\n',
      '#EXTM3U\n#EXT-X-TARGETDURATION:6\nseg.ts\n',
    ),
    words: bytesOf('http://', 'File1=', '\n', '#', 'file:///etc/passwd', 'javascript:', '\0'),
    check: (input) => {
      const text = stationText(input);
      promise(oneLine(text).length <= 500, 'a line is bounded');
      isPlaylist(text, text);
      const read = readPlaylist(text, new URL('http://radio.example/list'));
      if (read.kind === 'address') promise(/^https?:$/.test(read.url.protocol), 'an address is of the web');
    },
  }),
];
