// What is done to a running cluster, and how it is undone. Each kind names whom it may strike and what its viewers may
// be made to bear; when and how often is the run's business (chaos.ts).
import type { ClusterWorld } from '../../tests/support/cluster-world.ts';

export const PARTS = ['node', 'control', 'redis', 'postgres', 'camera', 'network'] as const;
export type Part = (typeof PARTS)[number];

/** `stays`: pictures go on. `moves`: the streams of a node come up elsewhere. `returns`: counted from the blow's end. */
export type Expectation = 'stays' | 'moves' | 'returns';

export interface BlowKind {
  readonly name: string;
  readonly part: Part;
  readonly expectation: Expectation;
  /**
   * A node is alive that control cannot reach: a camera may be pulled twice. Where the cameras cannot reach it either,
   * they hear of the end of its pulls by TCP's retransmission, which may take as long again as the cut lasted.
   */
  readonly partition: 'none' | 'from control' | 'from cameras';
  /** Whom it may strike now; nobody where the cluster has no such part. */
  victims(world: ClusterWorld): Promise<readonly string[]>;
  strike(world: ClusterWorld, victim: string): Promise<void> | void;
  undo(world: ClusterWorld, victim: string): Promise<void> | void;
}

const others = (world: ClusterWorld, victim: string) => world.names('').filter((name) => name !== victim);
const kill = (world: ClusterWorld, victim: string) => world.part(victim).kill();
const start = (world: ClusterWorld, victim: string) => world.part(victim).start();
const freeze = (world: ClusterWorld, victim: string) => world.part(victim).freeze();
const thaw = (world: ClusterWorld, victim: string) => world.part(victim).thaw();
const heal = (world: ClusterWorld) => world.heal();

function ofServer(part: 'control' | 'redis' | 'postgres'): BlowKind[] {
  const common = { part, expectation: 'stays', partition: 'none' } as const;
  const victims = async (world: ClusterWorld) => world.names(part);
  return [
    { ...common, name: `${part} killed`, victims, strike: kill, undo: start },
    { ...common, name: `${part} frozen`, victims, strike: freeze, undo: thaw },
    {
      ...common,
      name: `${part} cut off`,
      victims,
      strike: (world, victim) => world.cut(victim, others(world, victim)),
      undo: heal,
    },
  ];
}

function ofNode(): BlowKind[] {
  // Nothing flows back to a node that lost its streams, so half of them would be struck for nothing.
  const victims = async (world: ClusterWorld) => {
    const watched = (await world.streams()).filter(({ viewers }) => viewers > 0);
    return [...new Set(watched.map(({ node }) => node))];
  };
  const common = { part: 'node', victims } as const;
  return [
    { ...common, name: 'node killed', expectation: 'moves', partition: 'none', strike: kill, undo: start },
    {
      ...common,
      name: 'node frozen',
      expectation: 'moves',
      partition: 'from control',
      strike: freeze,
      undo: thaw,
    },
    {
      ...common,
      name: 'node cut off from all',
      expectation: 'moves',
      partition: 'from cameras',
      strike: (world, victim) => world.cut(victim, others(world, victim)),
      undo: heal,
    },
    {
      ...common,
      name: 'node cut off from control',
      // It serves on, but once it is back its pulls end within a second, and those elsewhere may wait for a key frame.
      expectation: 'moves',
      partition: 'from control',
      strike: (world, victim) => world.cut(victim, world.names('control')),
      undo: heal,
    },
  ];
}

function ofCamera(): BlowKind[] {
  const fault = (kind: string) => (world: ClusterWorld, victim: string) =>
    world.simulator<void>('POST', `/cameras/${victim}/fault`, { kind });
  const common = {
    part: 'camera',
    expectation: 'returns',
    partition: 'none',
    // Not the last one, whose few places are contested: who of its viewers is in the dark says nothing.
    victims: async (world: ClusterWorld) => world.cameraIds.slice(0, -1).map((_id, i) => String(i + 1)),
    undo: fault('none'),
  } as const;
  return [
    { ...common, name: 'camera away', strike: fault('refuse') },
    { ...common, name: 'camera hangs', strike: fault('hang') },
  ];
}

function ofNetwork(): BlowKind[] {
  const common = { part: 'network', expectation: 'stays', undo: heal } as const;
  const controls = (world: ClusterWorld) => world.names('control');
  return [
    {
      ...common,
      name: 'one control cut off from one node',
      partition: 'none',
      victims: async (world) => (controls(world).length > 1 ? world.names('node') : []),
      strike: (world, victim) => world.cut(victim, controls(world).slice(0, 1)),
    },
    {
      ...common,
      name: 'control cut off from its stores',
      partition: 'none',
      victims: async (world) => (world.names('redis').length > 0 ? controls(world) : []),
      strike: (world, victim) => world.cut(victim, [...world.names('redis'), ...world.names('postgres')]),
    },
  ];
}

export const BLOW_KINDS: readonly BlowKind[] = [
  ...ofNode(),
  ...ofServer('control'),
  ...ofServer('redis'),
  ...ofServer('postgres'),
  ...ofCamera(),
  ...ofNetwork(),
];
