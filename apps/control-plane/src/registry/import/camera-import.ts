// Many cameras at once: each row is a camera that is new, one that is there and differs, one that is there as it is,
// or a mistake. Repeating an import makes no camera twice. Not its job: reading files (camera-rows.ts).
import { isDeepStrictEqual } from 'node:util';
import { CameraId, CameraInput, type ImportedRow } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { Principal } from '../../access/principal.ts';
import { invalidFields } from '../../http/validation.ts';
import type { CameraCredentials } from '../camera-credentials.ts';
import type { CameraGate } from '../camera-gate.ts';
import type { CameraRecord, StoredSource } from '../camera-record.ts';
import { type CameraService, splitSource } from '../camera-service.ts';
import type { CameraStore } from '../camera-store.ts';
import type { SourceCheck } from '../source-check.ts';

interface CameraImportOptions {
  readonly store: Pick<CameraStore, 'list'>;
  readonly cameras: Pick<CameraService, 'create' | 'change'>;
  readonly gate: Pick<CameraGate, 'scope' | 'requirePlace' | 'mayWorkWith'>;
  readonly credentials: Pick<CameraCredentials, 'open'>;
  readonly sourceCheck: Pick<SourceCheck, 'check'>;
}

const PAGE = 500;
/** Of a camera that is to be made. */
const NOT_YET = CameraId.parse('0');

export class CameraImport {
  readonly #options: CameraImportOptions;

  constructor(options: CameraImportOptions) {
    this.#options = options;
  }

  /** Every row is told of; one that fails keeps none of the others from being taken over. */
  async run(principal: Principal, rows: readonly unknown[], dryRun: boolean): Promise<ImportedRow[]> {
    const known = await this.#known(principal);
    const answers: ImportedRow[] = [];
    const seen = new Map<string, number>();
    for (const [index, row] of rows.entries())
      answers.push(await this.#row(row, index + 1, { principal, dryRun, known, seen }));
    return answers;
  }

  async #row(
    row: unknown,
    number: number,
    about: {
      readonly principal: Principal;
      readonly dryRun: boolean;
      readonly known: Map<string, CameraRecord>;
      readonly seen: Map<string, number>;
    },
  ): Promise<ImportedRow> {
    const parsed = CameraInput.safeParse(row);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ message, path }) => ({ field: path.join('.'), message }));
      return { row: number, name: nameOf(row), action: 'error', id: null, problems };
    }
    const { cameras, gate, sourceCheck } = this.#options;
    const { principal } = about;
    const { tenantId } = principal;
    const key = keyOf(splitSource(parsed.data.source).stored, parsed.data.name);
    const before = about.known.get(key);
    const input = before === undefined ? parsed.data : { ...parsed.data, ...unmentioned(before, row) };
    const answer = { row: number, name: input.name, id: before?.id ?? null, problems: [] };
    const twin = about.seen.get(key);
    about.seen.set(key, number);
    if (twin !== undefined) {
      const message = `is the same address as row ${twin}`;
      return { ...answer, action: 'error', problems: [{ field: 'source', message }] };
    }
    try {
      await sourceCheck.check(input.source);
      if (before !== undefined && !gate.mayWorkWith(principal, before))
        throw invalidFields({ path: 'source', message: 'is a camera that is not yours to change' });
      const { groupIds, siteId } = input;
      await gate.requirePlace(principal, { id: before?.id ?? NOT_YET, tenantId, siteId, groupIds });
      if (before === undefined) {
        if (about.dryRun) return { ...answer, action: 'create' };
        const { camera } = await cameras.create(tenantId, input);
        return { ...answer, action: 'create', id: camera.id };
      }
      if (await this.#isSame(before, input)) return { ...answer, action: 'same' };
      if (!about.dryRun) await cameras.change(before.id, input);
      return { ...answer, action: 'update' };
    } catch (error) {
      if (!(error instanceof VedetteError)) throw error;
      const fields = error.fields?.map(({ message, path }) => ({ field: path, message }));
      return { ...answer, action: 'error', problems: fields ?? [{ field: '', message: error.message }] };
    }
  }

  async #isSame(before: CameraRecord, input: CameraInput): Promise<boolean> {
    const { password, stored } = splitSource(input.source);
    if (password !== undefined && password !== ((await this.#options.credentials.open(before)) ?? ''))
      return false;
    return (
      before.name === input.name &&
      before.pull === input.pull &&
      before.idleTtlSeconds === input.idleTtlSeconds &&
      before.siteId === input.siteId &&
      before.tier === input.tier &&
      before.pathName === input.pathName &&
      before.maxConnections === input.maxConnections &&
      before.watched === input.watched &&
      isDeepStrictEqual(before.groupIds, input.groupIds) &&
      isDeepStrictEqual(before.tags, input.tags) &&
      isDeepStrictEqual(before.renditions, input.renditions) &&
      isDeepStrictEqual(before.source, stored)
    );
  }

  /** Of the whole tenant, so that nobody adds a second time what he does not see. */
  async #known({ tenantId }: Principal): Promise<Map<string, CameraRecord>> {
    const known = new Map<string, CameraRecord>();
    let after: { nameKey: string; id: string } | undefined;
    for (;;) {
      const page = await this.#options.store.list({ scope: { kind: 'all', tenantId }, limit: PAGE, after });
      for (const { camera } of page) known.set(keyOf(camera.source, camera.name), camera);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return known;
      after = { nameKey: last.nameKey, id: last.camera.id };
    }
  }
}

/** Of a camera that is there already, what the row says nothing about: it stays as it is. */
function unmentioned(before: CameraRecord, row: unknown): Partial<CameraInput> {
  const { groupIds, idleTtlSeconds, maxConnections, pathName, pull, renditions } = before;
  const { siteId, tags, tier, watched } = before;
  const organisation = { siteId, groupIds, tags, tier, pathName, maxConnections, watched };
  const all: Partial<CameraInput> = { pull, idleTtlSeconds, renditions, ...organisation };
  const said = typeof row === 'object' && row !== null ? row : {};
  return Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(said, name)));
}

/** What makes two rows the same camera: where it is. An encoder is nowhere, so that its name counts. */
function keyOf(source: StoredSource, name: string): string {
  switch (source.kind) {
    case 'onvif':
      return `onvif ${source.host.toLowerCase()}:${source.port}`;
    case 'rtsp':
    case 'http':
    case 'http-audio':
      return `${source.kind} ${source.url}`;
    case 'file':
      return `file ${source.file}`;
    case 'publish':
      return `publish ${name}`;
  }
}

function nameOf(row: unknown): string | null {
  if (typeof row !== 'object' || row === null || !('name' in row)) return null;
  return typeof row.name === 'string' ? row.name.slice(0, 200) : null;
}
