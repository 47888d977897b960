import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '@vedette/contracts';
import { type IceServersOptions, loadSettings, SettingsError } from '@vedette/runtime';
import { parseGroupRoles } from './access/oidc/group-roles.ts';
import type { ProviderConfig } from './access/oidc/open-provider.ts';
import type { PressureLimits } from './admission/node-pressure.ts';
import type { MailOptions } from './alerts/mail-sender.ts';
import type { VaultOptions } from './registry/secrets/vault-key-provider.ts';

const DASHBOARD_FOLDER = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

/** What the control plane reads of the settings, with the defaults that depend on others filled in. */
export interface ControlConfig {
  readonly bind: string;
  readonly httpPort: number;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  /** Where nodes reach this very process. */
  readonly peerUrl: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly adminToken: string | undefined;
  readonly adminPassword: string | undefined;
  readonly masterKey: string | undefined;
  /** Keeps the master key instead of us. */
  readonly vault: VaultOptions | undefined;
  readonly nodeToken: string | undefined;
  readonly sourceNetworks: readonly string[] | undefined;
  /** Ports of ours that no camera may be on. */
  readonly ownPorts: readonly number[];
  readonly httpSourceHosts: readonly string[];
  readonly scanNetworks: readonly string[];
  readonly webhookHosts: readonly string[];
  /** Identity provider. */
  readonly provider: ProviderConfig | undefined;
  readonly mail: MailOptions | undefined;
  readonly allowedOrigins: readonly string[];
  /** CIDRs. */
  readonly trustedProxies: readonly string[];
  readonly iceServers: IceServersOptions;
  /** Of the node on this machine, when it was named. */
  readonly nodePublicUrl: string | undefined;
  readonly expectedCameras: number;
  /** What a node may use of itself before new views get less of it. */
  readonly pressure: PressureLimits;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /**
   * Unlike any other system's on this host, since browsers do not tell cookies of one host's ports apart; the same for
   * all control processes behind one public URL, whatever port each listens on.
   */
  readonly cookie: { readonly name: string; readonly secure: boolean };
  readonly dashboardFolder: string;
  readonly logLevel: string;
}

/** Settings come by environment; `vedette` has read flags and file before. Throws SettingsError. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ControlConfig {
  const settings = loadSettings({ flags: {}, env, file: { path: 'vedette.yaml', required: false } });
  const scheme = settings.tlsCert === undefined ? 'http' : 'https';
  const publicUrl = (settings.publicUrl ?? `${scheme}://localhost:${settings.httpPort}`).replace(/\/+$/, '');
  const secure = publicUrl.startsWith('https:');
  return {
    bind: settings.bind,
    httpPort: settings.httpPort,
    publicUrl,
    peerUrl: settings.peerUrl,
    dataDir: resolve(settings.dataDir),
    databaseUrl: settings.databaseUrl,
    redisUrl: settings.redisUrl,
    adminToken: settings.adminToken,
    adminPassword: settings.adminPassword,
    masterKey: settings.masterKey,
    vault: vaultOf(settings),
    nodeToken: settings.nodeToken,
    sourceNetworks: settings.sourceNetworks,
    ownPorts: [settings.httpPort, settings.nodeHttpPort, settings.udpPort, settings.rtspPort],
    httpSourceHosts: settings.httpSourceHosts,
    scanNetworks: settings.scanNetworks,
    webhookHosts: settings.webhookHosts,
    provider: providerOf(settings),
    mail: mailOf(settings, publicUrl),
    allowedOrigins: settings.allowedOrigins,
    trustedProxies: settings.trustedProxies,
    iceServers: {
      stun: settings.iceServers,
      turn: settings.turnServers,
      turnSecret: settings.turnSecret,
    },
    nodePublicUrl: settings.nodePublicUrl,
    expectedCameras: settings.expectedCameras,
    pressure: { cpu: settings.nodeBusyCpu, delayMs: settings.nodeBusyDelayMs },
    tls:
      settings.tlsCert === undefined || settings.tlsKey === undefined
        ? undefined
        : { certFile: settings.tlsCert, keyFile: settings.tlsKey },
    cookie: { name: `${secure ? '__Host-' : ''}vedette-${portOf(publicUrl)}`, secure },
    dashboardFolder: DASHBOARD_FOLDER,
    logLevel: settings.logLevel,
  };
}

function portOf(publicUrl: string): string {
  const { port, protocol } = new URL(publicUrl);
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}

function providerOf(settings: Settings): ProviderConfig | undefined {
  const { oidcClientId, oidcIssuer } = settings;
  if (oidcIssuer === undefined) return undefined;
  if (oidcClientId === undefined)
    throw new SettingsError(['oidcClientId: is needed where oidcIssuer is given']);
  try {
    return {
      issuer: oidcIssuer,
      clientId: oidcClientId,
      clientSecret: settings.oidcClientSecret,
      scopes: settings.oidcScopes,
      groupsClaim: settings.oidcGroupsClaim,
      roles: parseGroupRoles(settings.oidcRoles),
      tenantId: settings.oidcTenant,
      name: settings.oidcName,
    };
  } catch (error) {
    throw new SettingsError([`oidcRoles: ${error instanceof Error ? error.message : 'cannot be read'}`]);
  }
}

function mailOf({ mailFrom, smtpUrl }: Settings, publicUrl: string): MailOptions | undefined {
  if (smtpUrl === undefined) return undefined;
  if (mailFrom === undefined) throw new SettingsError(['mailFrom: is needed where smtpUrl is given']);
  return { smtpUrl, from: mailFrom, publicUrl };
}

function vaultOf({
  vaultAddr,
  vaultNamespace,
  vaultToken,
  vaultTransitKey,
}: Settings): VaultOptions | undefined {
  if (vaultAddr === undefined) return undefined;
  if (vaultToken === undefined) throw new SettingsError(['vaultToken: is needed where vaultAddr is given']);
  return { address: vaultAddr, token: vaultToken, key: vaultTransitKey, namespace: vaultNamespace };
}

/** Addresses of this machine as they are now. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
