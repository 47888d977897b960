import type { PolicyTest } from '@vedette/contracts';

export type Fact = PolicyTest['fact'];
export type FactKind = 'list' | 'number' | 'boolean' | 'time';

interface FactWords {
  readonly fact: Fact;
  /** As it is chosen, and as it begins a sentence. */
  readonly label: string;
  readonly kind: FactKind;
  readonly unit?: string;
  /** Of what holds or does not. */
  readonly yes?: string;
  readonly no?: string;
  readonly group: 'Camera' | 'Viewer' | 'Tile' | 'Network and browser' | 'Node and time';
}

/** Everything a rule can ask, in the words of people; the set is closed. */
export const FACTS: readonly FactWords[] = [
  { fact: 'camera.id', label: 'the camera', kind: 'list', group: 'Camera' },
  { fact: 'camera.tag', label: 'a tag of the camera', kind: 'list', group: 'Camera' },
  { fact: 'camera.site', label: 'the site of the camera', kind: 'list', group: 'Camera' },
  { fact: 'camera.group', label: 'a group of the camera', kind: 'list', group: 'Camera' },
  { fact: 'camera.kind', label: 'the kind of the camera', kind: 'list', group: 'Camera' },
  {
    fact: 'camera.tier',
    label: 'the importance of the camera (0 most, 9 least)',
    kind: 'number',
    group: 'Camera',
  },
  { fact: 'camera.viewers', label: 'the number of its viewers', kind: 'number', group: 'Camera' },
  { fact: 'viewer.role', label: 'the role of who watches', kind: 'list', group: 'Viewer' },
  { fact: 'viewer.id', label: 'who watches', kind: 'list', group: 'Viewer' },
  { fact: 'viewer.network', label: 'the network of who watches', kind: 'list', group: 'Viewer' },
  { fact: 'dashboard', label: 'the page or wall that asks', kind: 'list', group: 'Viewer' },
  { fact: 'tile.count', label: 'the number of tiles', kind: 'number', group: 'Tile' },
  { fact: 'tile.width', label: 'the width of the tile', kind: 'number', unit: 'px', group: 'Tile' },
  { fact: 'tile.height', label: 'the height of the tile', kind: 'number', unit: 'px', group: 'Tile' },
  {
    fact: 'tile.fits-sub',
    label: 'the small stream fills the tile',
    kind: 'boolean',
    yes: 'the small stream fills the tile',
    no: 'the small stream does not fill the tile',
    group: 'Tile',
  },
  {
    fact: 'network.udp',
    label: 'UDP gets through',
    kind: 'boolean',
    yes: 'UDP gets through',
    no: 'UDP does not get through',
    group: 'Network and browser',
  },
  {
    fact: 'network.rttMs',
    label: 'the round trip',
    kind: 'number',
    unit: 'ms',
    group: 'Network and browser',
  },
  ...(['webrtc', 'hls', 'h264', 'h265'] as const).map((name): FactWords => {
    const what = { webrtc: 'WebRTC', hls: 'HLS', h264: 'H.264', h265: 'H.265' }[name];
    return {
      fact: `client.${name}`,
      label: `the browser plays ${what}`,
      kind: 'boolean',
      yes: `the browser plays ${what}`,
      no: `the browser does not play ${what}`,
      group: 'Network and browser',
    };
  }),
  {
    fact: 'node.cpu',
    label: 'the load of the least busy node',
    kind: 'number',
    unit: 'cores',
    group: 'Node and time',
  },
  { fact: 'time', label: 'the time', kind: 'time', group: 'Node and time' },
];

export function factWords(fact: Fact): FactWords {
  return FACTS.find((words) => words.fact === fact) ?? { fact, label: fact, kind: 'list', group: 'Camera' };
}
