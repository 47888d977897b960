// Composition root of a media node: together with compose/ the only files that name implementations and open ports.

import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import {
  AddressRules,
  createLog,
  createMetrics,
  type Log,
  runUntilSignal,
  SettingsError,
  systemClock,
  VedetteError,
} from '@vedette/runtime';
import { NodeAgent } from './agent/node-agent.ts';
import { ControlAdmission } from './auth/control-admission.ts';
import { KeySet } from './auth/key-set.ts';
import { RevocationList } from './auth/revocation-list.ts';
import { TokenAdmission } from './auth/token-admission.ts';
import { JwksTokenVerifier } from './auth/token-verifier.ts';
import { openMediaMtxParts } from './compose/mediamtx-parts.ts';
import { openNativeParts } from './compose/native-parts.ts';
import { type NodeConfig, readConfig } from './config.ts';
import { LoadMeter } from './engine/load-meter.ts';
import { StandstillWatch } from './engine/standstill-watch.ts';
import { AllowedOrigins } from './http/allowed-origins.ts';
import { createNodeHttp } from './http/node-http.ts';

const VERSION = '0.1.0';
const MAX_WEBRTC_VIEWERS = 1000;
/** Control gives the streams of a node that was silent for so long to others. */
const NODE_LEASE_MS = 3000;
/** Tells whoever started us that trying again would not help. */
const EXIT_DO_NOT_RESTART = 2;

async function start(config: NodeConfig, log: Log): Promise<() => Promise<void>> {
  const clock = systemClock;
  const keys = new KeySet({ file: config.jwksFile, log });
  await keys.load();
  const revoked = new RevocationList({ clock });
  const verifier = new JwksTokenVerifier({ keys, revoked, clock });
  const rules = new AddressRules({
    networks: config.sourceNetworks,
    ownAddresses: () =>
      Object.values(networkInterfaces()).flatMap((found) => found?.map(({ address }) => address) ?? []),
    ownPorts: config.ownPorts,
  });
  const ownCertificate = config.tls === undefined ? undefined : readFileSync(config.tls.certFile, 'utf8');
  const { controlUrls, nodeId, nodeToken } = config;
  const admission = new TokenAdmission({
    verifier,
    others: new ControlAdmission({ controlUrls, nodeId, nodeToken, ownCertificate, verifier }),
  });
  const metrics = createMetrics({ nodeId });
  const loadMeter = new LoadMeter({ clock });
  const standstill = new StandstillWatch({
    clock,
    leaseMs: NODE_LEASE_MS,
    onWoke: (ms) => agent.stoodStill(ms),
  });
  const openParts = config.engine === 'mediamtx' ? openMediaMtxParts : openNativeParts;
  const parts = await openParts({
    config,
    clock,
    log,
    metrics,
    rules,
    verifier,
    admission,
    revoked,
    standstill,
  });

  const origins = new AllowedOrigins(config.allowedOrigins);
  const app = await createNodeHttp({
    log,
    metrics,
    origins,
    nodeToken,
    tls: config.tls,
    trustedProxies: config.trustedProxies,
    mediaRoutes: parts.mediaRoutes,
  });
  await app.listen({ host: config.bind, port: config.httpPort });

  const agent: NodeAgent = new NodeAgent({
    engine: parts.engine,
    keys,
    revoked,
    load: () => loadMeter.read(parts.traffic()),
    clock,
    log,
    controlUrls,
    nodeToken,
    ...(ownCertificate === undefined ? {} : { ownCertificate }),
    self: {
      nodeId,
      version: VERSION,
      publicUrl: config.publicUrl,
      rtspUrl: config.rtspUrl,
      labels: config.labels,
      maxWebrtcViewers: MAX_WEBRTC_VIEWERS,
      ...(parts.relay && { relay: parts.relay.identity }),
    },
    ...(parts.relay && { onRelayPeers: (peers) => parts.relay?.peers.update(peers) }),
    onAllowedOrigins: (told) => origins.told(told),
    checkStandstill: () => standstill.check(),
  });
  agent.start();
  standstill.start();
  log.info(
    { engine: config.engine, publicUrl: config.publicUrl, udpPort: config.udpPort },
    'media node ready',
  );

  return async () => {
    standstill.close();
    agent.close();
    await parts.close();
    await app.close();
    loadMeter[Symbol.dispose]();
  };
}

try {
  const config = readConfig(process.env);
  const log = createLog({ name: 'node', level: config.logLevel, nodeId: config.nodeId });
  process.on('uncaughtException', (err) => log.error({ err }, 'a mistake of ours; the node goes on'));
  process.on('unhandledRejection', (err) => log.error({ err }, 'a mistake of ours; the node goes on'));
  await runUntilSignal(await start(config, log));
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code;
  const hopeless =
    error instanceof SettingsError ||
    error instanceof VedetteError ||
    code === 'EADDRINUSE' ||
    code === 'EACCES';
  console.error(`node: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(hopeless ? EXIT_DO_NOT_RESTART : 1);
}
