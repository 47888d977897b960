import { fsyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { syncFolder } from './sync-folder.ts';

type EmscriptenOptions = Parameters<NodeFS['init']>[1];

/** What this file touches of Emscripten's file system; `nfd` is the descriptor, only regular files have one. */
interface Stream {
  readonly nfd?: number;
  readonly node: unknown;
}
interface ModuleWithNodeFs {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: Stream) => number };
    realPath(node: unknown): string;
  };
}

/**
 * PGlite's folder with an fsync that reaches the disk: its own file system has none, so that a commit
 * would survive kill -9 but not a power cut. Used together with `fsync=on, wal_sync_method=fsync`.
 */
export class SyncedFileSystem extends NodeFS {
  override async init(pg: PGlite, options: EmscriptenOptions): ReturnType<NodeFS['init']> {
    const result = await super.init(pg, options);
    result.emscriptenOpts.preRun = [
      ...(result.emscriptenOpts.preRun ?? []),
      (module: unknown) => {
        const { NODEFS } = module as ModuleWithNodeFs;
        NODEFS.stream_ops.fsync = (stream) => {
          if (stream.nfd === undefined) syncFolder(NODEFS.realPath(stream.node));
          else fsyncSync(stream.nfd);
          return 0;
        };
      },
    ];
    return result;
  }
}
