// Enters: the labels of nodes, what is to run. Leaves: the nodes that it belongs on.
import type { Protocol } from '@vedette/contracts';

type Labels = Readonly<Record<string, string>>;

/**
 * A node that is labelled with a site pulls the cameras of that site alone, and they belong on it while it is there.
 * Among those left, a node whose `pool` names the protocol (`webrtc`, `hls`) or anything (`any`, or none) is preferred;
 * where there is none, any is better than no picture.
 */
export function fittingNodes<N extends { readonly labels: Labels }>(
  nodes: readonly N[],
  wanted: { readonly siteId: string | null; readonly protocol?: Protocol | undefined },
): readonly N[] {
  const { protocol, siteId } = wanted;
  const atSite = siteId === null ? [] : nodes.filter(({ labels }) => labels['site'] === siteId);
  const near = atSite.length > 0 ? atSite : nodes.filter(({ labels }) => labels['site'] === undefined);
  if (protocol === undefined) return near;
  const pools = new Set([undefined, 'any', protocol === 'hls' ? 'hls' : 'webrtc']);
  const inPool = near.filter(({ labels }) => pools.has(labels['pool']));
  return inPool.length > 0 ? inPool : near;
}
