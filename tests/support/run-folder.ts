// Once before all tests of a run: a temporary folder for all of them and for what they start, so that a run leaves
// nothing behind, whatever a test forgot or was killed before.
import { makeRunFolder } from '../../apps/cli/src/test-run/run-folder.ts';

export default function setup(): () => void {
  const { path, remove } = makeRunFolder();
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = path;
  // Ctrl-C ends vitest without a word to us.
  process.once('exit', remove);
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    remove();
  };
}
