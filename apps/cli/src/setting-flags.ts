import { resolve } from 'node:path';
import { Settings } from '@vedette/contracts';
import { loadSettings } from '@vedette/runtime';
import type { Command } from 'commander';

type SettingName = keyof Settings;

const flagOf = (name: SettingName) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Adds a flag for each named setting, its help text taken from the schema. */
export function addSettingFlags(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) command.option(`${flagOf(name)} <value>`, Settings.shape[name].description ?? '');
  return command.option('--config <file>', 'settings file (default: vedette.yaml, when there is one)');
}

/** What `addSettingFlags` collected, with environment, file and defaults. Throws SettingsError. */
export function settingsFrom(options: Record<string, unknown>, defaults: Partial<Settings> = {}): Settings {
  const { config, ...rest } = options;
  const flags = Object.fromEntries(Object.entries(rest).filter(([key]) => key in Settings.shape));
  const settings = loadSettings({
    flags,
    env: process.env,
    file: {
      path: typeof config === 'string' ? config : 'vedette.yaml',
      required: typeof config === 'string',
    },
    defaults,
  });
  return { ...settings, dataDir: resolve(settings.dataDir) };
}

export const CONTROL_FLAGS = [
  'httpPort',
  'bind',
  'publicUrl',
  'dataDir',
  'adminToken',
  'adminPassword',
  'masterKey',
  'oidcIssuer',
  'oidcClientId',
  'oidcClientSecret',
  'oidcScopes',
  'oidcGroupsClaim',
  'oidcRoles',
  'oidcTenant',
  'oidcName',
  'webhookHosts',
  'smtpUrl',
  'mailFrom',
  'vaultAddr',
  'vaultToken',
  'vaultTransitKey',
  'vaultNamespace',
  'sourceNetworks',
  'scanNetworks',
  'httpSourceHosts',
  'allowedOrigins',
  'trustedProxies',
  'iceServers',
  'turnServers',
  'turnSecret',
  'nodeToken',
  'tlsCert',
  'tlsKey',
  'databaseUrl',
  'redisUrl',
  'peerUrl',
  'logLevel',
] as const satisfies readonly SettingName[];

export const NODE_FLAGS = [
  'nodeHttpPort',
  'udpPort',
  'rtspPort',
  'relayPort',
  'relayHost',
  'bind',
  'nodeId',
  'nodePublicUrl',
  'publicHosts',
  'controlUrl',
  'nodeLabels',
  'nodeToken',
  'dataDir',
  'sourceNetworks',
  'httpSourceHosts',
  'fileFolders',
  'engine',
  'mediamtxBin',
  'mediamtxApi',
  'mediamtxAuthPort',
  'mediamtxRtmpPort',
  'mediamtxSrtPort',
  'mediamtxRecordFolder',
  'mediamtxRecordHours',
  'ffmpegPath',
  'ffmpegJobs',
  'allowedOrigins',
  'trustedProxies',
  'iceServers',
  'turnServers',
  'turnSecret',
  'tlsCert',
  'tlsKey',
  'logLevel',
] as const satisfies readonly SettingName[];

export const ALL_FLAGS = [...new Set<SettingName>([...CONTROL_FLAGS, ...NODE_FLAGS])];
