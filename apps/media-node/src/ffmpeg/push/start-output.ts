import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { OutputTarget } from '@vedette/contracts';
import type { AddressRules, Clock, Log } from '@vedette/runtime';
import type { RunningOutput, StartOutput } from '../../engine/native/stream-outputs.ts';
import { SourceError } from '../../ingest/source-error.ts';
import type { FfmpegTools } from '../ffmpeg-tools.ts';
import { PushOut } from './push-out.ts';
import type { PushTarget } from './push-target.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'rtmp:': 1935, 'rtmps:': 443 };

/** Sends streams elsewhere, where the rules for sources let us go. */
export function outputStarter(options: {
  readonly ffmpeg: Pick<FfmpegTools, 'jobs' | 'loopback'>;
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}): StartOutput {
  const { clock, ffmpeg, log, random, rules } = options;
  return (target, hub, onChange): RunningOutput => {
    const push = new PushOut({
      hub,
      target: pushTarget(target),
      mayReach: () => mayReach(target.url, rules),
      jobs: ffmpeg.jobs,
      loopback: ffmpeg.loopback,
      clock,
      random,
      log: log.child({ output: target.id }),
      onChange,
    });
    return { state: () => push.state, stop: () => push.stop() };
  };
}

function pushTarget({ secret, streamId, url, via }: OutputTarget): PushTarget {
  if (via === 'rtmp') return { via, url, streamKey: secret ?? '' };
  return {
    via,
    url,
    ...(secret === undefined ? {} : { passphrase: secret }),
    ...(streamId === undefined ? {} : { streamId }),
  };
}

/** Looked up anew before each attempt: a name may lead elsewhere by then. */
async function mayReach(url: string, rules: Pick<AddressRules, 'refusal'>): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const found = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
  const number = Number(port) || DEFAULT_PORTS[protocol] || 0;
  if (found.some((address) => rules.refusal(address, number) !== undefined))
    throw new SourceError(
      'source_not_allowed',
      'push',
      'The address is outside the networks that we may reach.',
    );
}
