// A program that adds cameras to a data folder without end and prints the id of each once it is acknowledged.
// It begins when a byte comes in: loading the code takes longer than all the rest, and can be done ahead.
import { once } from 'node:events';
import { openDataFolder } from '../../apps/control-plane/src/database/data-folder.ts';
import { openDatabase } from '../../apps/control-plane/src/database/open-database.ts';
import { AT_HOME } from '../../apps/control-plane/src/registry/camera-place.fixture.ts';
import { CameraStore } from '../../apps/control-plane/src/registry/camera-store.ts';
import { silentLog } from '../../packages/runtime/src/index.ts';

await once(process.stdin, 'data');
const folder = openDataFolder(process.argv[2] ?? '');
const database = await openDatabase({ dataDir: folder.path, databaseUrl: undefined, log: silentLog() });
const store = new CameraStore({ database });
process.stdout.write('open\n');
for (;;) {
  const id = CameraStore.newId();
  await store.create({
    ...AT_HOME,
    id,
    name: `camera ${id}`,
    source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/main', transport: 'tcp' },
    sealedPassword: null,
    pull: 'on-demand',
    idleTtlSeconds: 15,
    renditions: [],
    outputs: [],
    profiles: [],
    device: null,
    onvif: null,
  });
  process.stdout.write(`${id}\n`);
}
