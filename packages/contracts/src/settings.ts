import { z } from 'zod';
import { HOME_TENANT, NodeId, TenantId } from './ids.ts';

const port = (fallback: number, what: string) =>
  z.coerce.number().int().min(1).max(65535).default(fallback).describe(what);
const httpUrl = z.url({ protocol: /^https?$/ });
const cidr = z.union([z.cidrv4(), z.cidrv6()]);
const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (v) =>
      typeof v === 'string'
        ? v
            .split(',')
            .map((s) => s.trim())
            .filter(Boolean)
        : v,
    z.array(item),
  );

/**
 * Every setting of every process; each process reads the ones it needs. Flags (`--http-port`) win over
 * environment (`VEDETTE_HTTP_PORT`), over `vedette.yaml` (`httpPort`). Unknown keys refuse the start.
 */
export const Settings = z.strictObject({
  httpPort: port(8080, 'Control: API and dashboard'),
  nodeHttpPort: port(8081, 'Node: WHEP, HLS, health, metrics'),
  udpPort: port(8189, 'Node: WebRTC, all viewers on this one UDP port'),
  rtspPort: port(8554, 'Node: RTSP out'),
  relayPort: z.coerce
    .number()
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe(
      'Node: where other nodes take streams from it; without it only nodes that it reaches itself can',
    ),
  relayHost: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe(
      'Node: name or address under which other nodes reach RELAY_PORT; default the host of NODE_PUBLIC_URL',
    ),
  simPort: port(9100, 'Simulator: first port; camera n uses the following ones'),
  bind: z
    .union([z.ipv4(), z.ipv6()])
    .default('0.0.0.0')
    .describe('Address that every port listens on; demo uses 127.0.0.1 unless told otherwise'),
  publicUrl: httpUrl.optional().describe('Where browsers reach control; default http://localhost:HTTP_PORT'),
  nodePublicUrl: httpUrl
    .optional()
    .describe('Where browsers reach the node; default http://HOST-OF-PUBLIC_URL:NODE_HTTP_PORT'),
  publicHosts: list(z.string().min(1))
    .default([])
    .describe(
      'Node: further addresses offered as ICE candidates, where NAT forwards UDP_PORT to it under the same number',
    ),
  dataDir: z.string().min(1).default('.vedette').describe('Everything that is kept'),
  adminToken: z.string().min(16).optional().describe('API token of the administrator; generated when absent'),
  adminPassword: z
    .string()
    .min(8)
    .max(255)
    .optional()
    .describe('First administrator password; generated when absent'),
  sourceNetworks: list(cidr).optional().describe('Networks that cameras may be on'),
  scanNetworks: list(z.cidrv4())
    .default([])
    .describe('Networks that may be searched for cameras address by address'),
  allowedOrigins: list(httpUrl).default([]).describe('Further web origins that may play media'),
  trustedProxies: list(z.union([cidr, z.ipv4(), z.ipv6()]))
    .default([])
    .describe('Proxies in front of our HTTP ports, whose X-Forwarded-For tells who a caller is'),
  iceServers: list(z.string().min(1))
    .default([])
    .describe('STUN servers given to browsers, stun:host:port; depot=stun:… for nodes at that site alone'),
  tlsCert: z.string().optional().describe('PEM file; with TLS_KEY every HTTP port speaks HTTPS and HTTP/2'),
  tlsKey: z.string().optional(),
  databaseUrl: z
    .string()
    .optional()
    .describe('Control: PostgreSQL; else a database in the data folder, for one process'),
  redisUrl: z
    .string()
    .optional()
    .describe('Control: Redis or Valkey for what several control processes share; else it is kept in memory'),
  ffmpegPath: z
    .string()
    .min(1)
    .default('ffmpeg')
    .describe('Node: the FFmpeg to run; looked up in PATH when it is a name'),
  ffmpegJobs: z.coerce
    .number()
    .int()
    .min(0)
    .max(256)
    .default(8)
    .describe('Node: FFmpeg processes at once; the rest wait in line'),
  fileFolders: list(z.string().startsWith('/'))
    .default([])
    .describe('Node: folders that file sources may be read from'),
  httpSourceHosts: list(z.string().min(1))
    .default([])
    .describe('Hosts that HTTP and radio sources may be on: names, *.names, addresses or CIDRs'),
  oidcIssuer: httpUrl.optional().describe('Identity provider that people may sign in through'),
  oidcClientId: z.string().min(1).max(300).optional(),
  oidcClientSecret: z.string().min(1).optional().describe('Absent: a public client, with PKCE alone'),
  oidcScopes: list(z.string().min(1)).default(['openid', 'profile', 'email']),
  oidcGroupsClaim: z.string().min(1).max(200).default('groups'),
  oidcRoles: list(z.string().min(3))
    .default([])
    .describe('group=role, the first that fits wins; nobody without one gets in'),
  oidcTenant: TenantId.default(HOME_TENANT).describe('Where people who sign in so belong'),
  oidcName: z.string().min(1).max(60).default('Single sign-on').describe('Text of the button'),
  webhookHosts: list(z.string().min(1))
    .default([])
    .describe('Hosts that alerts may be posted to: names, *.names, addresses or CIDRs; none by default'),
  smtpUrl: z
    .string()
    .regex(/^smtps?:\/\//)
    .optional()
    .describe('Mail server for alerts, smtp[s]://[user:password@]host[:port]'),
  mailFrom: z.string().min(3).max(320).optional().describe('Who mails are from; with SMTP_URL'),
  turnServers: list(z.string().regex(/^(?:[A-Za-z0-9._-]{1,60}=)?turns?:/))
    .default([])
    .describe(
      'TURN servers given to browsers, turn:host:port?transport=tcp; depot=turn:… for nodes at that site alone',
    ),
  turnSecret: z
    .string()
    .min(16)
    .optional()
    .describe('Secret shared with the TURN servers, for credentials that expire'),
  engine: z
    .enum(['native', 'mediamtx'])
    .default('native')
    .describe('Node: what runs the streams; mediamtx needs MediaMTX 1.15 or newer'),
  mediamtxBin: z
    .string()
    .min(1)
    .default('mediamtx')
    .describe('Node: the MediaMTX to run; looked up in PATH when it is a name'),
  mediamtxApi: httpUrl
    .optional()
    .describe('Node: control API of a MediaMTX that runs already, instead of running one'),
  mediamtxAuthPort: z.coerce
    .number()
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe('Node: loopback port that MediaMTX asks who may watch; any free one when it is run by us'),
  mediamtxRtmpPort: z.coerce
    .number()
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe('Node: RTMP, to publish by'),
  mediamtxSrtPort: z.coerce.number().int().min(1).max(65535).optional().describe('Node: SRT, to publish by'),
  mediamtxRecordFolder: z
    .string()
    .startsWith('/')
    .optional()
    .describe('Node: where MediaMTX records every stream while it is pulled; nowhere by default'),
  mediamtxRecordHours: z.coerce
    .number()
    .int()
    .min(1)
    .max(87_600)
    .default(24)
    .describe('Node: recordings older than this are deleted'),
  nodeId: NodeId.optional().describe('Name of this node; default node-1'),
  controlUrl: list(httpUrl)
    .default([])
    .describe('Node: where control is, one address or more; default http://127.0.0.1:HTTP_PORT'),
  peerUrl: httpUrl
    .optional()
    .describe('Control: where nodes reach this very process; the others tell nodes of it'),
  nodeLabels: list(z.string().regex(/^[a-z][a-z0-9-]{0,30}=[A-Za-z0-9._-]{1,60}$/))
    .default([])
    .describe('Node: what it is for, name=value: site, zone, pool (webrtc, hls, any), role (core, edge)'),
  masterKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits, as `openssl rand -hex 32` makes them')
    .optional()
    .describe('Key that encrypts camera passwords; generated into the data folder when absent'),
  vaultAddr: httpUrl
    .optional()
    .describe('Vault or OpenBao that keeps the master key in its transit engine, instead of the data folder'),
  vaultToken: z
    .string()
    .min(1)
    .optional()
    .describe('Token that may encrypt and decrypt with VAULT_TRANSIT_KEY'),
  vaultTransitKey: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/)
    .default('vedette')
    .describe('Name of the key in the transit engine'),
  vaultNamespace: z.string().min(1).max(200).optional(),
  nodeToken: z
    .string()
    .min(16)
    .optional()
    .describe('Secret that nodes present to control; generated into the data folder'),
  nodeBusyCpu: z.coerce
    .number()
    .min(0.1)
    .max(64)
    .default(0.9)
    .describe('Control: cores that a node may use before new views get HLS instead of WebRTC'),
  nodeBusyDelayMs: z.coerce
    .number()
    .min(10)
    .max(10_000)
    .default(250)
    .describe('Control: how late the event loop of a node may be, ms, before that'),
  expectedCameras: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Control is ready only once so many cameras are listed; demo sets it'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});
export type Settings = z.infer<typeof Settings>;
