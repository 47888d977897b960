import type { Track } from '@vedette/media-types';
import { describe, expect, it } from 'vitest';
import { AUDIO, VIDEO } from '../../hub/frames.fixture.ts';
import { planPush } from './push-target.ts';

const rtmp = { via: 'rtmp', url: 'rtmp://live.example/app', streamKey: 'hush' } as const;
const srt = {
  via: 'srt',
  url: 'srt://live.example:9000',
  passphrase: 'hush hush hush',
  streamId: 'me',
} as const;

describe('sending a stream elsewhere', () => {
  it.each([rtmp, srt])('shows no secret in the arguments ($via)', (target) => {
    const { codecs, output, secretOptions } = planPush(target, [VIDEO, AUDIO]);
    expect([...codecs, ...output].join(' ')).not.toContain('hush');
    expect(Object.values(secretOptions).join(' ')).toContain('hush');
  });

  it('copies what can be carried and makes AAC of other sound', () => {
    expect(planPush(rtmp, [VIDEO, AUDIO]).codecs).toEqual(
      expect.arrayContaining(['-c:v', 'copy', '-c:a', 'aac']),
    );
    const aac: Track = { kind: 'audio', id: 2, codec: 'aac', clockRate: 48_000, channels: 2 };
    expect(planPush(rtmp, [VIDEO, aac]).codecs).not.toContain('aac');
    expect(planPush(srt, [{ ...VIDEO, codec: 'h265' }]).codecs).toContain('-an');
  });

  it('refuses H.265 over RTMP and says what to do', () => {
    expect(() => planPush(rtmp, [{ ...VIDEO, codec: 'h265' }])).toThrow(/rendition/);
  });

  it.each(['-i', 'file:///etc/passwd', 'http://x/app', 'rtmp://', 'rtmp://user:pw@host/app', 'rtmp://host/'])(
    'refuses an address that is none: %s',
    (url) => {
      expect(() => planPush({ ...rtmp, url }, [VIDEO])).toThrow();
    },
  );
});
