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
  { debianPackage: 'postgresql', why: 'the database contract against a real server', present: hasPostgres },
];

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
