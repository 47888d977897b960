import { Camera, PPS, SPS, slice } from '../../packages/rtp/src/rtp.fixture.ts';
import type { ScriptedClient } from '../../simulators/testing/scripted-camera.ts';

/** One key frame and three pictures after it, as a good camera sends them. */
export function stillPackets(): readonly Uint8Array[] {
  return new Camera()
    .send([SPS, PPS, slice('idr', 1)])
    .send([slice('p', 2)])
    .send([slice('p', 3)])
    .send([slice('p', 4)]).packets;
}

export function stillPicture(client: ScriptedClient): void {
  sendAll(client, stillPackets());
}

export function sendAll(client: ScriptedClient, packets: readonly Uint8Array[]): void {
  for (const packet of packets) client.packet(packet);
}
