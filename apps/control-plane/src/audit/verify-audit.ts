// Enters: all records and seals, as stored. Leaves: whether they are what was written, or where they are not.
// Pure. Not its job: reading them, or saying who changed them.
import { type KeyObject, verify } from 'node:crypto';
import type { AuditRecord, AuditSeal, AuditVerdict } from '@vedette/contracts';
import { GENESIS, recordHash, sealHash } from './audit-chain.ts';
import { SILENT_AFTER_MS } from './audit-presence.ts';
import type { AuditWriter } from './audit-writer-store.ts';
import type { KeptEnds, KeptHead } from './kept-heads.ts';

const MAX_FAULTS = 100;

export interface AuditToVerify {
  /** By writer, then by number. */
  readonly records: AsyncIterable<AuditRecord> | Iterable<AuditRecord>;
  /** By number. */
  readonly seals: AsyncIterable<AuditSeal> | Iterable<AuditSeal>;
  /** Ed25519. */
  readonly publicKey: KeyObject;
  /** Heads that were kept outside the database; what lies beyond what is stored was removed. */
  readonly keptHeads?: readonly KeptHead[];
  /** What writers have said of themselves: their records may be on their way. */
  readonly writers?: readonly AuditWriter[];
  /** Since the Unix epoch. */
  readonly nowMs?: number;
  /** The newest seal that is known outside the database. */
  readonly keptSeal?: KeptEnds['seal'];
}

type Fault = (where: string, what: string) => void;

/** What one chain must hold: hashes by number, and where it must not end before or go on after. */
interface Expected {
  readonly hashes: Map<number, string>;
  signedUpTo: number;
  knownUpTo: number;
  closedAt: number;
}

export async function verifyAudit(audit: AuditToVerify): Promise<AuditVerdict> {
  const faults: AuditVerdict['faults'] = [];
  const fault: Fault = (where, what) => {
    if (faults.length < MAX_FAULTS) faults.push({ where, what });
  };
  const expected = new Map<string, Expected>();
  const seals = await verifySeals(audit, expected, fault);
  for (const head of audit.keptHeads ?? []) {
    const chain = expectedOf(expected, head.writer);
    chain.hashes.set(head.seq, head.hash);
    chain.knownUpTo = Math.max(chain.knownUpTo, head.seq);
    if (head.closed === true) chain.closedAt = Math.min(chain.closedAt, head.seq);
  }
  const ends = new Map<string, number>();
  let before: AuditRecord | undefined;
  let records = 0;
  for await (const record of audit.records) {
    records += 1;
    const { hash, previous, writer } = record;
    const place = `${writer} ${record.seq}`;
    const continues = before?.writer === writer;
    const seq = continues ? (before?.seq ?? 0) + 1 : 1;
    if (record.seq !== seq) fault(place, `records ${seq} to ${record.seq - 1} are missing`);
    else if (previous !== (continues ? before?.hash : GENESIS))
      fault(place, 'it does not follow the record before it');
    if (hash !== recordHash(record)) fault(place, 'its content is not what was written');
    const chain = expected.get(writer);
    const sealed = chain?.hashes.get(record.seq);
    if (sealed !== undefined && sealed !== hash) fault(place, 'it is not the record that was signed for');
    if (chain !== undefined && record.seq > chain.closedAt)
      fault(place, 'it was added after its chain was closed');
    ends.set(writer, Math.max(record.seq, ends.get(writer) ?? 0));
    before = record;
  }
  for (const [writer, { knownUpTo }] of expected) {
    const end = ends.get(writer) ?? 0;
    if (end < knownUpTo) fault(`${writer} ${knownUpTo}`, `records ${end + 1} to ${knownUpTo} are missing`);
  }
  let unsealed = 0;
  for (const [writer, end] of ends) unsealed += Math.max(0, end - (expected.get(writer)?.signedUpTo ?? 0));
  const undelivered = undeliveredOf(audit, ends, fault);
  return { records, chains: ends.size, seals, unsealed, undelivered, faults };
}

/** Chains whose end may be on the disk of a process that died or cannot reach the database; one that has closed has none. */
function undeliveredOf(
  { nowMs = 0, writers = [] }: AuditToVerify,
  ends: ReadonlyMap<string, number>,
  fault: Fault,
): AuditVerdict['undelivered'] {
  const undelivered: AuditVerdict['undelivered'] = [];
  for (const { closedAt, host, seenAt, seq, writer } of writers) {
    const end = ends.get(writer) ?? 0;
    const records = Math.max(0, seq - end);
    if (closedAt === null) {
      if (records > 0 || nowMs - seenAt.getTime() > SILENT_AFTER_MS)
        undelivered.push({ writer, host, records, lastHeardAt: seenAt.toISOString() });
    } else if (records > 0) fault(`${writer} ${seq}`, `records ${end + 1} to ${seq} are missing`);
  }
  return undelivered;
}

/** Answers how many there are; notes what they sign for. */
async function verifySeals(
  { keptSeal, publicKey, seals }: AuditToVerify,
  expected: Map<string, Expected>,
  fault: Fault,
): Promise<number> {
  let previous = GENESIS;
  let count = 0;
  let seq = 0;
  for await (const seal of seals) {
    count += 1;
    const place = `seal ${seal.seq}`;
    if (seal.seq !== seq + 1) fault(place, `seals ${seq + 1} to ${seal.seq - 1} are missing`);
    else if (seal.previous !== previous) fault(place, 'it does not follow the seal before it');
    if (seal.hash !== sealHash(seal)) fault(place, 'its content is not what was signed');
    else if (!isSigned(seal, publicKey)) fault(place, 'its signature is not ours');
    if (seal.seq === keptSeal?.seq && seal.hash !== keptSeal.hash)
      fault(place, 'it is not the seal that was made');
    previous = seal.hash;
    seq = seal.seq;
    for (const head of seal.heads) {
      const chain = expectedOf(expected, head.writer);
      chain.hashes.set(head.seq, head.hash);
      chain.signedUpTo = Math.max(chain.signedUpTo, head.seq);
      chain.knownUpTo = Math.max(chain.knownUpTo, head.seq);
    }
  }
  if (keptSeal != null && seq < keptSeal.seq)
    fault(`seal ${keptSeal.seq}`, `seals ${seq + 1} to ${keptSeal.seq} are missing`);
  return count;
}

function expectedOf(expected: Map<string, Expected>, writer: string): Expected {
  const known = expected.get(writer);
  if (known !== undefined) return known;
  const chain = { hashes: new Map<number, string>(), signedUpTo: 0, knownUpTo: 0, closedAt: Infinity };
  expected.set(writer, chain);
  return chain;
}

function isSigned({ hash, signature }: AuditSeal, publicKey: KeyObject): boolean {
  return verify(null, Buffer.from(hash, 'hex'), publicKey, Buffer.from(signature, 'base64url'));
}
