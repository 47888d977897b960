import { NodeId } from '@vedette/contracts';
import { z } from 'zod';
import { readOwnFile, writeOwnFile } from '../database/own-file.ts';

/** Remembers which nodes were connected, so that control knows after a restart whom to wait for. */
export class KnownNodesFile {
  readonly #file: string;

  constructor(options: { readonly file: string }) {
    this.#file = options.file;
  }

  /** None when there is no such file, or a damaged one: waiting for nobody does little harm. */
  read(): readonly NodeId[] {
    try {
      return z.array(NodeId).parse(JSON.parse(readOwnFile(this.#file) ?? '[]'));
    } catch {
      return [];
    }
  }

  write(nodes: readonly NodeId[]): void {
    writeOwnFile(this.#file, JSON.stringify(nodes));
  }
}
