import type { StreamPath } from '@vedette/contracts';
import { silentLog, systemClock } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../../../tests/support/eventually.ts';
import type { PathSettings } from './mediamtx-api.ts';
import { PathReconciler } from './path-reconciler.ts';

/** MediaMTX's paths, of paper: calls wait until they are let through. */
class PaperMediaMtx {
  readonly paths = new Map<string, PathSettings>();
  readonly calls: string[] = [];
  readonly refused = new Set<string>();
  #waiting: (() => void)[] = [];
  isOpen = true;

  setPath = async (name: string, settings: PathSettings): Promise<void> => {
    this.calls.push(`set ${name}`);
    await this.#turn();
    if (this.refused.has(name)) throw new Error('no such luck');
    this.paths.set(name, settings);
  };
  removePath = async (name: string): Promise<void> => {
    this.calls.push(`remove ${name}`);
    await this.#turn();
    this.paths.delete(name);
  };
  path = async (name: string) => (this.paths.has(name) ? ({ name } as never) : undefined);

  open(): void {
    this.isOpen = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  #turn(): Promise<void> {
    return this.isOpen ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function setUp(setAll?: (paths: ReadonlyMap<StreamPath, PathSettings>) => Promise<void>) {
  const paper = new PaperMediaMtx();
  const reconciler = new PathReconciler({
    api: paper,
    clock: systemClock,
    log: silentLog(),
    onChange: () => undefined,
    setAll,
  });
  reconciler.found(new Set());
  return { paper, reconciler };
}

const named = (name: string) => name as StreamPath;
const wanting = (...names: string[]) =>
  new Map(names.map((name) => [named(name), { source: `rtsp://10.0.0.1/${name}` }]));

describe('PathReconciler', () => {
  it('adds what is wanted, removes what is not, and replaces what has changed', async () => {
    const { paper, reconciler } = setUp();
    reconciler.want(wanting('a', 'b'));
    await eventually('both', () => reconciler.has(named('a')) && reconciler.has(named('b')));
    reconciler.want(new Map([[named('b'), { source: 'rtsp://10.0.0.2/b' }]]));
    await eventually('only b', () => paper.paths.size === 1 && reconciler.has(named('b')));
    expect(paper.paths.get('b')).toEqual({ source: 'rtsp://10.0.0.2/b' });
    expect(paper.calls).toHaveLength(4);
  });

  it('calls nothing when nothing has changed, however often it is told', async () => {
    const { paper, reconciler } = setUp();
    for (let i = 0; i < 3; i += 1) reconciler.want(wanting('a'));
    await reconciler.ready(named('a'), AbortSignal.timeout(1000));
    reconciler.want(wanting('a'));
    reconciler.found(new Set(['a']));
    expect(paper.calls).toEqual(['set a']);
  });

  it('has few calls under way at once, and takes first what a viewer waits for', async () => {
    const { paper, reconciler } = setUp();
    paper.isOpen = false;
    reconciler.want(wanting('a', 'b', 'c', 'd', 'e', 'f'));
    const ready = reconciler.ready(named('f'), AbortSignal.timeout(5000));
    expect(paper.calls).toHaveLength(3);
    paper.open();
    await ready;
    expect(paper.calls[3]).toBe('set f');
    await eventually('all', () => paper.paths.size === 6);
  });

  it('puts back what somebody took away, and removes what nobody wants', async () => {
    const { paper, reconciler } = setUp();
    reconciler.want(wanting('a'));
    await reconciler.ready(named('a'), AbortSignal.timeout(1000));
    paper.paths.clear();
    paper.paths.set('stray', {});
    reconciler.found(new Set(['stray']));
    await eventually('as it was', () => paper.paths.has('a') && !paper.paths.has('stray'));
  });

  it('tries again what was refused, tells why meanwhile, and does not hold up the others', async () => {
    const { paper, reconciler } = setUp();
    paper.refused.add('a');
    reconciler.want(wanting('a', 'b'));
    await eventually('b', () => reconciler.has(named('b')));
    expect(reconciler.refusal(named('a'))).toBe('no such luck');
    paper.refused.clear();
    await reconciler.ready(named('a'), AbortSignal.timeout(5000));
    expect(reconciler.refusal(named('a'))).toBeUndefined();
  });

  it('does nothing while MediaMTX is away, and everything when it is back', async () => {
    const { paper, reconciler } = setUp();
    reconciler.lost();
    reconciler.want(wanting('a'));
    expect(paper.calls).toEqual([]);
    reconciler.found(new Set());
    await reconciler.ready(named('a'), AbortSignal.timeout(1000));
  });

  it('tells many changes in one step where that is possible', async () => {
    const names = Array.from({ length: 100 }, (_one, index) => `p${index}`);
    const { paper, reconciler } = setUp(async (paths) => {
      paper.calls.push('all');
      paper.paths.clear();
      for (const [path, settings] of paths) paper.paths.set(path, settings);
    });
    reconciler.want(wanting(...names));
    await eventually('all', () => names.every((name) => reconciler.has(named(name))));
    expect(paper.calls).toEqual(['all']);
    reconciler.want(wanting(...names, 'one'));
    await reconciler.ready(named('one'), AbortSignal.timeout(1000));
    expect(paper.calls).toEqual(['all', 'set one']);
  });

  it('gives up waiting when it is told to', async () => {
    const { reconciler } = setUp();
    reconciler.lost();
    reconciler.want(wanting('a'));
    await expect(reconciler.ready(named('a'), AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
  });
});
