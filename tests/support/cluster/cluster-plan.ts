// Which programs make up a cluster, and what each is told. In the order they are started: stores, cameras, control,
// nodes, the front. Each address is known before anything runs.
import { randomBytes } from 'node:crypto';
import { NodeId, type Settings } from '@vedette/contracts';
import type { ClusterNetwork } from './cluster-network.ts';
import type { ProgramSpec } from './cluster-process.ts';
import {
  CONTROL_PORT,
  controlProgram,
  haproxyProgram,
  NODE_PORT,
  nodeProgram,
  REDIS_PORT,
  redisProgram,
  simulatorProgram,
} from './cluster-programs.ts';
import { databaseUrl, postgresProgram } from './postgres-program.ts';

export interface ClusterOptions {
  readonly controls: number;
  readonly nodes: number;
  readonly cameras: number;
  /** A real server instead of the embedded default; more than one control process needs both. */
  readonly postgres: boolean;
  readonly redis: boolean;
  /** `namespaces` lets parts be cut off, and needs root. */
  readonly network: 'loopback' | 'namespaces';
}

export const CAMERA_USER = 'vedette';

/** What all parts of one cluster agree on. */
export interface ClusterSecrets {
  readonly adminToken: string;
  readonly nodeToken: string;
  readonly masterKey: string;
  readonly cameraPassword: string;
}

export function newSecrets(): ClusterSecrets {
  const secret = () => randomBytes(32).toString('hex');
  return { adminToken: secret(), nodeToken: secret(), masterKey: secret(), cameraPassword: secret() };
}

export function controlUrlOf(network: ClusterNetwork, name: string): string {
  return `http://${network.place(name).address}:${CONTROL_PORT}`;
}

export function planCluster(plan: {
  readonly options: ClusterOptions;
  readonly network: ClusterNetwork;
  readonly secrets: ClusterSecrets;
  readonly folder: string;
}): ProgramSpec[] {
  const { folder, network, options, secrets } = plan;
  const address = (name: string) => network.place(name).address;
  const controls = numbered('control', options.controls);
  const common: Partial<Settings> = { nodeToken: secrets.nodeToken, sourceNetworks: [network.cidr] };
  const forControl: Partial<Settings> = {
    ...common,
    publicUrl: controlUrlOf(network, 'haproxy'),
    adminToken: secrets.adminToken,
    masterKey: secrets.masterKey,
    ...(options.postgres ? { databaseUrl: databaseUrl(address('postgres')) } : {}),
    ...(options.redis ? { redisUrl: `redis://${address('redis')}:${REDIS_PORT}` } : {}),
  };
  const forNode: Partial<Settings> = {
    ...common,
    controlUrl: controls.map((name) => controlUrlOf(network, name)),
  };
  const own = (name: string) => ({ bind: address(name), dataDir: `${folder}/data/${name}` });
  return [
    ...(options.postgres
      ? [postgresProgram({ address: address('postgres'), folder: `${folder}/postgres` })]
      : []),
    ...(options.redis ? [redisProgram(address('redis'))] : []),
    simulatorProgram({
      address: address('simulator'),
      cameras: options.cameras,
      username: CAMERA_USER,
      password: secrets.cameraPassword,
    }),
    ...controls.map((name) => controlProgram(name, { ...forControl, ...own(name) })),
    ...numbered('node', options.nodes).map((name) =>
      nodeProgram(name, {
        ...forNode,
        ...own(name),
        nodeId: NodeId.parse(name),
        nodePublicUrl: `http://${address(name)}:${NODE_PORT}`,
      }),
    ),
    haproxyProgram({
      address: address('haproxy'),
      controls: controls.map(address),
      folder: `${folder}/haproxy`,
    }),
  ];
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}
