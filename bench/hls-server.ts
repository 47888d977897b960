// A node's HLS part alone, fed from an Annex B clip in real time: what bench/hls-load.ts measures and what can be
// opened by hand. Prints one JSON line with its address. `node bench/hls-server.ts CLIP FRAMES_PER_SECOND [PORT]`
import { randomBytes } from 'node:crypto';
import { MediaClaims } from '@vedette/contracts';
import { createHttpServer, createLog, systemClock, VedetteError } from '@vedette/runtime';
import { playClip, readClip } from '../apps/media-node/src/egress/hls/clip.fixture.ts';
import { HlsEgress } from '../apps/media-node/src/egress/hls/hls-egress.ts';
import { hlsRoutes } from '../apps/media-node/src/egress/hls/hls-routes.ts';
import { StreamHub } from '../apps/media-node/src/hub/stream-hub.ts';

const [file = '', rate = '15', port = '0'] = process.argv.slice(2);
const hub = new StreamHub();
const stop = playClip(readClip(file, Number(rate)), hub);
const views = new Map<string, MediaClaims>();
const egress = new HlsEgress({
  clock: systemClock,
  randomBytes,
  lookup: (path) => (path === 'cam_bench' ? { hub } : undefined),
  // A verified token is remembered by the node, so that a request costs one look-up; so here.
  authorize: async (capability, path) => {
    const known = views.get(capability);
    if (known !== undefined) return known;
    if (!/^[a-z0-9]{1,40}$/.test(capability)) throw new VedetteError('unauthenticated');
    const paths = { main: path };
    const claims = MediaClaims.parse({ sub: 'u1', sid: capability, cam: 'bench', paths, protocols: ['hls'] });
    views.set(capability, claims);
    return claims;
  },
});
const app = createHttpServer({ log: createLog({ name: 'hls-bench', level: 'warn' }), bodyLimit: 65_536 });
await app.register(hlsRoutes, { egress });
const address = await app.listen({ host: '127.0.0.1', port: Number(port) });
process.stdout.write(`${JSON.stringify({ address, pid: process.pid })}\n`);

process.once('SIGTERM', () => {
  stop();
  egress.close();
  void app.close().then(() => process.exit(0));
});
