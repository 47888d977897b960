import { setTimeout as sleep } from 'node:timers/promises';
import { NodeView, Rehearsal, type Settings } from '@vedette/contracts';
import { Command } from 'commander';
import { z } from 'zod';
import { askControl, CONTROL_ADDRESS_FLAGS } from '../ask-control.ts';
import { addSettingFlags, settingsFrom } from '../setting-flags.ts';

const WITHIN_MS = 10_000;
const LOOK_MS = 500;
const Nodes = z.object({ items: z.array(NodeView) });

/** `vedette nodes`: what the media nodes carry, and what becomes of it, on the machine that control runs on. */
export function nodesCommand(): Command {
  const list = new Command('list').description('the nodes, and what they carry');
  addSettingFlags(list, CONTROL_ADDRESS_FLAGS).action(async (options: Record<string, unknown>) => {
    const nodes = await allNodes(settingsFrom(options));
    if (nodes.length === 0) console.log('no media node is connected');
    for (const { draining, id, load, state, streams } of nodes) {
      const viewers = load === null ? '' : `${load.webrtcViewers} WebRTC, ${load.hlsViewers} HLS`;
      console.log(
        `${id.padEnd(20)} ${state.padEnd(10)} ${draining ? 'draining ' : ''}${streams} streams  ${viewers}`,
      );
    }
  });
  const drain = new Command('drain')
    .description('move everything off a node, so that it can be stopped without anybody noticing')
    .argument('<node>')
    .option('--wait <seconds>', 'until nothing is left there, at most so long', '0');
  addSettingFlags(drain, CONTROL_ADDRESS_FLAGS).action(
    async (id: string, options: Record<string, unknown>) => {
      const settings = settingsFrom(options);
      await askControl(settings, `/nodes/${encodeURIComponent(id)}/drain`, {
        method: 'PUT',
        withinMs: WITHIN_MS,
      });
      console.log(`${id} takes no new streams`);
      await waitUntilEmpty(settings, id, Number(options['wait']));
    },
  );
  const undrain = new Command('undrain').description('let a node take streams again').argument('<node>');
  addSettingFlags(undrain, CONTROL_ADDRESS_FLAGS).action(
    async (id: string, options: Record<string, unknown>) => {
      await askControl(settingsFrom(options), `/nodes/${encodeURIComponent(id)}/drain`, {
        method: 'DELETE',
        withinMs: WITHIN_MS,
      });
      console.log(`${id} takes streams again`);
    },
  );
  const whatIf = new Command('what-if')
    .description('what would become of the pictures on a node that died now')
    .argument('<node>');
  addSettingFlags(whatIf, CONTROL_ADDRESS_FLAGS).action(
    async (id: string, options: Record<string, unknown>) => {
      const path = `/nodes/${encodeURIComponent(id)}/rehearsal`;
      const text = await askControl(settingsFrom(options), path, { withinMs: WITHIN_MS });
      tell(Rehearsal.parse(JSON.parse(text)));
    },
  );
  return new Command('nodes')
    .description('the media nodes: list, drain, and what would be if one died')
    .addCommand(list, { isDefault: true })
    .addCommand(drain)
    .addCommand(undrain)
    .addCommand(whatIf);
}

async function allNodes(settings: Settings): Promise<readonly NodeView[]> {
  return Nodes.parse(JSON.parse(await askControl(settings, '/nodes?limit=500', { withinMs: WITHIN_MS })))
    .items;
}

/** Throws when something is still there in the end. */
async function waitUntilEmpty(settings: Settings, id: string, seconds: number): Promise<void> {
  const until = Date.now() + seconds * 1000;
  let before = '';
  while (Date.now() < until) {
    const node = (await allNodes(settings)).find((each) => each.id === id);
    if (node === undefined || node.streams === 0) {
      console.log(`${id} is empty`);
      return;
    }
    const left = `${node.streams} streams left`;
    if (left !== before) console.log(left);
    before = left;
    await sleep(LOOK_MS);
  }
  if (seconds > 0)
    throw new Error(`${id} is not empty after ${seconds} s; is there another node for its streams?`);
}

function tell({ node, nodes, streams, views, withinSeconds }: Rehearsal): void {
  console.log(`If ${node} died now:`);
  if (streams.length === 0) console.log('  nothing runs there');
  for (const { cameraName, profile, views: of, why } of streams) {
    const worst = of.fail > 0 ? 'FAILS' : of.degrade > 0 ? 'degrades' : 'moves';
    console.log(`  ${worst.padEnd(9)} ${cameraName} (${profile}): ${why}`);
  }
  for (const { id, streams: s, webrtcViews: w } of nodes)
    console.log(`  ${id}: ${s.now} to ${s.after} streams, ${w.now} to ${w.after} of ${w.max} WebRTC views`);
  console.log(`  ${views.move} views move, ${views.degrade} degrade, ${views.fail} fail`);
  if (withinSeconds !== null) console.log(`  pictures are back within ${withinSeconds.toFixed(1)} s`);
}
