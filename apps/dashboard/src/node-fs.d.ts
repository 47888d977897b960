/** The one thing of Node.js that a test of the page needs; the page itself must not see Node's types. */
declare module 'node:fs' {
  export function readFileSync(path: URL, encoding: 'utf8'): string;
}
