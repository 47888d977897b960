import { PolicyRules } from '@vedette/contracts';

/**
 * What holds without any configuration: the large stream where somebody looks at one picture, the small one in
 * grids; the lowest delay, but nothing that cannot get through, and the cheapest way for who only watches while the
 * nodes are busy.
 */
export const DEFAULT_RULES = PolicyRules.parse([
  {
    id: 'no-udp',
    name: 'Networks that block UDP',
    when: { fact: 'network.udp', is: false },
    give: { protocols: ['hls'] },
    reason: 'UDP does not get through to the client.',
  },
  {
    id: 'busy',
    name: 'Busy nodes keep WebRTC for operators',
    when: {
      all: [
        { fact: 'viewer.role', in: ['viewer'] },
        { fact: 'node.cpu', op: '>=', value: 0.85 },
      ],
    },
    give: { protocols: ['hls'] },
    reason: 'The media nodes are busy; operators keep WebRTC.',
  },
  {
    id: 'lowest-delay',
    name: 'The lowest delay first',
    when: { all: [] },
    give: { protocols: ['webrtc', 'hls'] },
    reason: 'WebRTC has the lowest delay.',
  },
  {
    id: 'single',
    name: 'One picture is shown large',
    when: { fact: 'tile.count', op: '<=', value: 1 },
    give: { profiles: ['main', 'lite', 'sub'] },
    reason: 'One picture on the wall.',
  },
  {
    id: 'grid',
    name: 'Small tiles of a wall',
    when: {
      all: [
        { fact: 'tile.count', op: '>', value: 1 },
        { fact: 'tile.width', op: '<=', value: 640 },
      ],
    },
    give: { profiles: ['sub', 'main', 'lite'] },
    reason: 'One of several small pictures: the small stream is enough.',
  },
  {
    id: 'fits-sub',
    name: 'Tiles that the small stream fills',
    when: { fact: 'tile.fits-sub', is: true },
    give: { profiles: ['sub', 'main', 'lite'] },
    reason: 'The small stream fills the tile.',
  },
  {
    id: 'large',
    name: 'Everything else is shown large',
    when: { all: [] },
    give: { profiles: ['main', 'lite', 'sub'] },
    reason: 'The tile is more than the small stream fills, or its size is not known.',
  },
]);
