import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

interface Need {
  readonly debianPackage: string;
  readonly why: string;
  readonly present: () => boolean;
}

const onPath = (program: string) =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`));

/** What the tests start and npm does not bring. */
export const TEST_NEEDS: readonly Need[] = [
  {
    debianPackage: 'ffmpeg',
    why: 'reads and makes streams',
    present: () => onPath('ffmpeg') && onPath('ffprobe'),
  },
  { debianPackage: 'chromium', why: 'browser tests', present: () => onPath('chromium') },
  {
    debianPackage: 'gir1.2-gst-rtsp-server-1.0',
    why: "GStreamer's RTSP server, whose pictures are read",
    present: () => hasTypelib('GstRtspServer-1.0'),
  },
  {
    debianPackage: 'python3-gi',
    why: 'starts that server',
    present: () => hasTypelib('GObject-2.0') && existsSync('/usr/lib/python3/dist-packages/gi'),
  },
  {
    debianPackage: 'gstreamer1.0-plugins-good',
    why: 'packs its pictures',
    present: () => hasInMultiarch('gstreamer-1.0/libgstrtp.so'),
  },
  {
    debianPackage: 'gstreamer1.0-tools',
    why: 'plays from our RTSP server, and publishes to it',
    present: () => onPath('gst-launch-1.0') && onPath('gst-inspect-1.0'),
  },
  {
    debianPackage: 'gstreamer1.0-rtsp',
    why: 'the same: its encoder for RTSP',
    present: () => hasInMultiarch('gstreamer-1.0/libgstrtspclientsink.so'),
  },
  {
    debianPackage: 'vlc-bin',
    why: "VLC's RTSP server, whose pictures are read",
    present: () => onPath('cvlc'),
  },
  {
    debianPackage: 'vlc-plugin-base',
    why: 'reads and sends them',
    present: () => hasInMultiarch('vlc/plugins/stream_out/libstream_out_rtp_plugin.so'),
  },
  {
    debianPackage: 'haproxy',
    why: 'one address for several control processes',
    present: () => onPath('haproxy'),
  },
  { debianPackage: 'postgresql', why: 'the database contract against a real server', present: hasPostgres },
  {
    debianPackage: 'redis-server',
    why: 'the contract of shared state against a real server',
    present: () => onPath('redis-server') || onPath('valkey-server'),
  },
  {
    debianPackage: 'coturn',
    why: 'a TURN relay for viewers without UDP',
    present: () => onPath('turnserver'),
  },
  {
    debianPackage: 'nginx-light',
    why: 'the example of a front proxy that caches',
    present: () => onPath('nginx'),
  },
  {
    debianPackage: 'iproute2',
    why: 'network namespaces',
    present: () => onPath('ip'),
  },
  {
    debianPackage: 'nftables',
    why: 'the firewalls in them',
    present: () => onPath('nft'),
  },
];

/** In the libraries of this machine's architecture. */
function hasInMultiarch(path: string): boolean {
  return ['x86_64-linux-gnu', 'aarch64-linux-gnu'].some((folder) => existsSync(`/usr/lib/${folder}/${path}`));
}

function hasTypelib(name: string): boolean {
  return hasInMultiarch(`girepository-1.0/${name}.typelib`);
}

function hasPostgres(): boolean {
  const folder = '/usr/lib/postgresql';
  return (
    existsSync(folder) &&
    readdirSync(folder).some((version) => existsSync(`${folder}/${version}/bin/postgres`))
  );
}

/** Installs what is missing when root on Debian; otherwise throws, naming what to install. */
export function ensureDebianPackages(needs: readonly Need[], say: (line: string) => void): void {
  const missing = needs.filter((need) => !need.present());
  if (missing.length === 0) return;
  const names = missing.map((need) => need.debianPackage);
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    const list = missing.map((need) => `  ${need.debianPackage}: ${need.why}`).join('\n');
    throw new Error(
      `the tests need programs that are not here:\n${list}\nInstall them, on Debian by: ${command}`,
    );
  }
  say(`installing ${names.join(', ')} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // The tests start servers of their own; the package must not start one.
  const noCluster =
    'mkdir -p /etc/postgresql-common && printf "create_main_cluster = false\\n" > /etc/postgresql-common/createcluster.conf';
  const script = `${names.includes('postgresql') ? `${noCluster} && ` : ''}apt-get update -qq && ${command} -qq`;
  const result = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
  if (result.status !== 0)
    throw new Error(`${names.join(', ')} could not be installed:\n${result.stderr.slice(-2000)}`);
}
