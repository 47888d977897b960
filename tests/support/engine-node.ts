// A media node as its program puts it together, with either engine, and a control of paper: the test says what is desired
// and signs the tokens. Everything else is real, MediaMTX included.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DesiredStream,
  type EndedSession,
  MEDIA_TOKEN_AUDIENCE,
  MEDIA_TOKEN_ISSUER,
  type NodeSession,
  type Protocol,
  type ReasonCode,
  type RevokedView,
  SessionId,
  type StreamSource,
  type StreamState,
} from '@vedette/contracts';
import {
  AddressRules,
  createMetrics,
  findProgram,
  type Log,
  silentLog,
  systemClock,
  VedetteError,
} from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { AdmissionPort } from '../../apps/media-node/src/auth/admission-port.ts';
import { KeySet } from '../../apps/media-node/src/auth/key-set.ts';
import { RevocationList } from '../../apps/media-node/src/auth/revocation-list.ts';
import { TokenAdmission } from '../../apps/media-node/src/auth/token-admission.ts';
import { JwksTokenVerifier } from '../../apps/media-node/src/auth/token-verifier.ts';
import { openMediaMtxParts } from '../../apps/media-node/src/compose/mediamtx-parts.ts';
import { openNativeParts } from '../../apps/media-node/src/compose/native-parts.ts';
import type { NodeParts } from '../../apps/media-node/src/compose/node-parts.ts';
import { readConfig } from '../../apps/media-node/src/config.ts';
import { LoadMeter } from '../../apps/media-node/src/engine/load-meter.ts';
import { AllowedOrigins } from '../../apps/media-node/src/http/allowed-origins.ts';
import { createNodeHttp } from '../../apps/media-node/src/http/node-http.ts';
import { freePort } from './free-ports.ts';

export type EngineName = 'native' | 'mediamtx';

/** By MEDIAMTX_BIN or PATH; undefined where there is none. */
export function mediaMtxBinary(): Promise<string | undefined> {
  return findProgram(process.env['MEDIAMTX_BIN'] ?? 'mediamtx');
}

/** The password `right`, beside any name, is one that control lets in; each time a view begins. */
const RIGHT = 'right';
const NODE_TOKEN = 'a-node-token-of-paper';
let views = 0;

export class EngineNode implements AsyncDisposable {
  readonly folder: string;
  readonly rtspPort: number;
  address = '';
  #parts: NodeParts | undefined;
  readonly #key: CryptoKey;
  readonly #revoked: RevocationList;
  readonly #keys: KeySet;
  #app: FastifyInstance | undefined;
  readonly #desired = new Map<string, DesiredStream>();
  readonly #ended: EndedSession[] = [];
  readonly #meter = new LoadMeter({ clock: systemClock });

  private constructor(options: {
    folder: string;
    rtspPort: number;
    key: CryptoKey;
    keys: KeySet;
    revoked: RevocationList;
  }) {
    this.folder = options.folder;
    this.rtspPort = options.rtspPort;
    this.#key = options.key;
    this.#keys = options.keys;
    this.#revoked = options.revoked;
  }

  static async start(
    engine: EngineName,
    settings: Readonly<Record<string, string>> = {},
    log: Log = silentLog(),
  ): Promise<EngineNode> {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-engine-'));
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    const keys = new KeySet({ file: join(folder, 'jwks.json'), log });
    await keys.update({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA', use: 'sig' }] });
    const [rtspPort, udpPort] = [await freePort(), await freePort()];
    const revoked = new RevocationList({ clock: systemClock });
    const node = new EngineNode({ folder, rtspPort, key: privateKey, keys, revoked });
    await node.#open(engine, log, {
      VEDETTE_NODE_TOKEN: NODE_TOKEN,
      VEDETTE_DATA_DIR: folder,
      VEDETTE_BIND: '127.0.0.1',
      VEDETTE_RTSP_PORT: String(rtspPort),
      VEDETTE_UDP_PORT: String(udpPort),
      VEDETTE_SOURCE_NETWORKS: '127.0.0.0/8',
      VEDETTE_ENGINE: engine,
      VEDETTE_MEDIAMTX_BIN: (await mediaMtxBinary()) ?? 'mediamtx',
      ...settings,
    });
    return node;
  }

  get engine(): NodeParts['engine'] {
    if (this.#parts === undefined) throw new Error('the node is not open');
    return this.#parts.engine;
  }

  load() {
    if (this.#parts === undefined) throw new Error('the node is not open');
    return this.#meter.read(this.#parts.traffic());
  }

  /** The whole set, as control sends it: these, and what was desired before unless it was dropped. */
  want(...streams: readonly DesiredStream[]): void {
    for (const stream of streams) this.#desired.set(stream.path, stream);
    this.engine.apply([...this.#desired.values()]);
  }

  drop(path: string): void {
    this.#desired.delete(path);
    this.engine.apply([...this.#desired.values()]);
  }

  stream(path: string): StreamState | undefined {
    return this.#observe().streams.find((stream) => stream.path === path);
  }

  session(sid: string): NodeSession | undefined {
    return this.#observe().sessions.find(({ sessionId }) => sessionId === sid);
  }

  /** How this view ended; all of it, if it did more than once. */
  endOf(sid: string): readonly ReasonCode[] {
    this.#observe();
    return this.#ended.filter(({ sessionId }) => sessionId === sid).map(({ reason }) => reason);
  }

  /** A new view unless `sid` names one. */
  async token(
    path: string,
    options: { sid?: string; protocols?: readonly Protocol[] } = {},
  ): Promise<string> {
    views += 1;
    return new SignJWT({
      sid: options.sid ?? `view${views}`,
      cam: path.replace('cam_', ''),
      paths: { main: path },
      protocols: options.protocols ?? ['webrtc', 'hls', 'rtsp'],
    })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setSubject('alice')
      .setIssuer(MEDIA_TOKEN_ISSUER)
      .setAudience(MEDIA_TOKEN_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(this.#key);
  }

  /** As the node's link to control does. */
  revoke(sid: string): void {
    const gone: RevokedView[] = [{ sessionId: SessionId.parse(sid), untilMs: Date.now() + 3_600_000 }];
    this.#revoked.add(gone);
    this.engine.revoke(gone);
  }

  /** The one that it runs, and the port of its API. */
  mediaMtx(): { readonly pid: number; readonly api: number } {
    const file = join(this.folder, 'node-1', 'mediamtx.yml');
    const { apiAddress } = JSON.parse(readFileSync(file, 'utf8')) as { apiAddress: string };
    const pid = readdirSync('/proc').find(
      (entry) => /^\d+$/.test(entry) && commandOf(entry).endsWith(`\0${file}\0`),
    );
    if (pid === undefined) throw new Error('no MediaMTX runs');
    return { pid: Number(pid), api: Number(apiAddress.split(':')[1]) };
  }

  whepUrl(path: string): string {
    return `${this.address}/whep/${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts?.close();
    await this.#app?.close();
    this.#meter[Symbol.dispose]();
    await rm(this.folder, { recursive: true, force: true });
  }

  #observe() {
    const seen = this.engine.observe();
    this.#ended.push(...seen.ended);
    return seen;
  }

  async #open(engine: EngineName, log: Log, env: Readonly<Record<string, string>>): Promise<void> {
    const config = readConfig(env);
    const metrics = createMetrics({ nodeId: config.nodeId });
    const verifier = new JwksTokenVerifier({ keys: this.#keys, revoked: this.#revoked, clock: systemClock });
    const others: AdmissionPort = {
      admit: async ({ credentials, path, protocol }) => {
        if (credentials.kind !== 'basic' || credentials.password !== RIGHT)
          throw new VedetteError('unauthenticated');
        const token = await this.token(path, { protocols: [protocol] });
        return { kind: 'granted', token, path, claims: await verifier.verify(token, { path, protocol }) };
      },
    };
    const open = engine === 'mediamtx' ? openMediaMtxParts : openNativeParts;
    this.#parts = await open({
      config,
      clock: systemClock,
      log,
      metrics,
      rules: new AddressRules({ networks: config.sourceNetworks, ownAddresses: () => [], ownPorts: [] }),
      verifier,
      admission: new TokenAdmission({ verifier, others }),
      revoked: this.#revoked,
      standstill: { check: () => undefined },
    });
    this.#app = await createNodeHttp({
      log,
      metrics,
      origins: new AllowedOrigins([]),
      nodeToken: NODE_TOKEN,
      tls: undefined,
      mediaRoutes: this.#parts.mediaRoutes,
    });
    this.address = await this.#app.listen({ host: '127.0.0.1', port: 0 });
  }
}

/** A stream that control wants; on demand, its camera left alone a second after its last viewer. */
export function desire(
  path: string,
  source: StreamSource,
  change: Partial<DesiredStream> = {},
): DesiredStream {
  return {
    path: path as DesiredStream['path'],
    cameraId: path.replace('cam_', '') as DesiredStream['cameraId'],
    profile: 'main',
    source,
    fence: 1,
    pull: 'on-demand',
    idleTtlMs: 1000,
    maxWebrtcViewers: 100,
    ...change,
  };
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
