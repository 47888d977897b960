// WHEP viewers that hear their node through a TURN server only, as a process, so that they can live in a network
// namespace. Tells once a second how they are; ends with its IPC channel.
import { parseArgs } from 'node:util';
import { WhepViewer } from '../../../simulators/viewers/whep-viewer.ts';
import { TurnOverTcp } from './turn-over-tcp.ts';

/** One line. */
export interface RelayedViewers {
  /** With a picture. */
  readonly watching: number;
  readonly candidateTypes: readonly string[];
  /** Since the start, of all together. */
  readonly pictures: number;
  readonly bytes: number;
  readonly lost: number;
  /** Why those that are missing are. */
  readonly errors: readonly string[];
}

const text = { type: 'string', default: '' } as const;
const { values } = parseArgs({
  options: {
    url: text,
    bind: text,
    host: text,
    port: text,
    username: text,
    password: text,
    transport: text,
    viewers: { type: 'string', default: '1' },
  },
});
const { bind, host, password, transport, url, username } = values;
const port = Number(values.port);
process.on('disconnect', () => process.exit());
const proxy = transport === 'tcp' ? await TurnOverTcp.open({ bind, host, port }) : undefined;
const server = proxy === undefined ? { hostname: host, port } : { hostname: bind, port: proxy.port };
const viewers: WhepViewer[] = [];
const errors: string[] = [];

const telling = () => {
  const all = viewers.map(({ counts }) => counts);
  const sum = (read: (counts: (typeof all)[number]) => number) => all.reduce((n, one) => n + read(one), 0);
  const line: RelayedViewers = {
    watching: all.filter(({ keyFrames }) => keyFrames > 0).length,
    candidateTypes: [...new Set(viewers.map(({ candidateType }) => candidateType ?? 'none'))],
    pictures: sum(({ frames }) => frames),
    bytes: sum(({ bytes }) => bytes),
    lost: sum(({ lost }) => lost),
    errors,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
setInterval(telling, 1000);
for (let i = 0; i < Number(values.viewers); i += 1) {
  try {
    const relay = { ...server, username, password };
    viewers.push(await WhepViewer.open({ url, token: `relayed${i}`, bindAddress: bind, relay }));
  } catch (error) {
    errors.push(String(error));
  }
}
