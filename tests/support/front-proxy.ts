// The shipped example configurations of front proxies, with addresses of this machine in place of the examples.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { freePort } from './free-ports.ts';

const shipped = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url)), 'utf8');

/** A folder with a certificate for each of the examples, and their configurations pointing into it. */
class ProxyFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'vedette-proxy-'));

  constructor() {
    const [certificate, key] = [join(this.path, 'vedette.crt'), join(this.path, 'vedette.key')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const subject = ['-subj', '/CN=vedette.example', '-days', '2', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    writeFileSync(join(this.path, 'vedette.pem'), readFileSync(certificate) + readFileSync(key, 'utf8'));
  }

  write(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  /** nginx's own file around ours. */
  nginx(site: string): string {
    const here = site
      .replaceAll(/\/etc\/nginx\/|\/var\/log\/nginx\//g, `${this.path}/`)
      .replaceAll('/var/cache/nginx/', `${this.path}/`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const root = process.getuid?.() === 0 ? 'user root;' : '';
    return this.write(
      'nginx.conf',
      `${root} pid ${this.path}/nginx.pid; error_log stderr; events {} http {
        ${temporary.map((name) => `${name}_temp_path ${this.path}/${name};`).join('\n')}
        include ${this.write('site.conf', here)};
      }`,
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Throws with what nginx has to say against the shipped file. */
export function checkNginx(): void {
  using folder = new ProxyFolder();
  execFileSync('nginx', ['-t', '-q', '-c', folder.nginx(shipped('nginx/vedette.conf'))], { stdio: 'pipe' });
}

/** Throws with what HAProxy has to say against the shipped file, warnings included. */
export function checkHaproxy(): void {
  using folder = new ProxyFolder();
  const here = shipped('haproxy/haproxy.cfg').replaceAll('/etc/haproxy/', `${folder.path}/`);
  execFileSync('haproxy', ['-c', '-q', '-dW', '-f', folder.write('haproxy.cfg', here)], { stdio: 'pipe' });
}

/** nginx with the shipped file, without TLS. */
export class FrontProxy implements AsyncDisposable {
  readonly address: string;
  readonly #folder: ProxyFolder;
  readonly #child: ChildProcess;

  private constructor(address: string, folder: ProxyFolder, child: ChildProcess) {
    this.address = address;
    this.#folder = folder;
    this.#child = child;
  }

  /** `host:port` of each. */
  static async start(behind: { readonly control: string; readonly node: string }): Promise<FrontProxy> {
    const folder = new ProxyFolder();
    const port = await freePort();
    const site = shipped('nginx/vedette.conf')
      .replace('listen 443 ssl http2;', `listen 127.0.0.1:${port};`)
      .replaceAll(/^ *ssl_.*$/gm, '')
      .replaceAll(/203\.0\.113\.1[12]:8080/g, behind.control)
      .replaceAll(/203\.0\.113\.2[12]:8081/g, behind.node);
    const child = spawn('nginx', ['-c', folder.nginx(site), '-g', 'daemon off;'], { stdio: 'inherit' });
    const proxy = new FrontProxy(`http://127.0.0.1:${port}`, folder, child);
    try {
      await eventually('nginx answers', async () => (await fetch(`${proxy.address}/n/`)).status === 404);
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
    return proxy;
  }

  /** Lines of the access log. */
  log(): string[] {
    return readFileSync(join(this.#folder.path, 'vedette.log'), 'utf8').split('\n').filter(Boolean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await gone;
    }
    this.#folder[Symbol.dispose]();
  }
}
