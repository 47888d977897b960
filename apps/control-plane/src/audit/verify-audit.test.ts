import { generateKeyPairSync } from 'node:crypto';
import { type AuditEvent, type AuditRecord, type AuditSeal, HOME_TENANT } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuditChain, GENESIS, recordHash, sealHeads } from './audit-chain.ts';
import type { AuditWriter } from './audit-writer-store.ts';
import { verifyAudit } from './verify-audit.ts';

const keys = generateKeyPairSync('ed25519');

function event(index: number): AuditEvent {
  return {
    tenantId: HOME_TENANT,
    kind: 'view-started',
    at: 1_700_000_000_000 + index,
    actor: { kind: 'user', id: 'u1', name: 'Anna' },
    clientAddress: '10.0.0.7',
    requestId: `r${index}`,
    cameraId: `c${index % 3}`,
    sessionId: `s${index}`,
    data: { protocol: 'webrtc' },
  };
}

/** Two writers, `count` records each, a seal after every `every` of them. */
function written(count: number, every: number): { records: AuditRecord[]; seals: AuditSeal[] } {
  const chains = ['a', 'b'].map((writer) => new AuditChain({ writer }));
  const byWriter = new Map<AuditChain, AuditRecord[]>(chains.map((chain) => [chain, []]));
  const seals: AuditSeal[] = [];
  for (let i = 0; i < count; i += 1) {
    for (const chain of chains) byWriter.get(chain)?.push(chain.append(event(i)));
    if ((i + 1) % every !== 0) continue;
    const heads = chains.flatMap((chain) => (chain.head === undefined ? [] : [chain.head]));
    const previous = seals.at(-1)?.hash ?? GENESIS;
    seals.push(sealHeads({ seq: seals.length + 1, at: i, heads, previous }, keys.privateKey));
  }
  return { records: [...byWriter.values()].flat(), seals };
}

const verify = (records: readonly AuditRecord[], seals: readonly AuditSeal[]) =>
  verifyAudit({ records, seals, publicKey: keys.publicKey });

describe('verifyAudit', () => {
  it('finds nothing wrong with what was written, and counts what no seal covers yet', async () => {
    const { records, seals } = written(7, 3);
    expect(await verify(records, seals)).toEqual({
      records: 14,
      chains: 2,
      seals: 2,
      unsealed: 2,
      undelivered: [],
      faults: [],
    });
  });

  it('finds nothing wrong with a log that is empty', async () => {
    expect(await verify([], [])).toMatchObject({ records: 0, faults: [] });
  });

  it('names a record whose text was changed', async () => {
    const { records, seals } = written(5, 5);
    const forged = records.map((record) =>
      record.writer === 'a' && record.seq === 3
        ? { ...record, event: record.event.replace('Anna', 'Bert') }
        : record,
    );
    expect((await verify(forged, seals)).faults).toEqual([
      { where: 'a 3', what: 'its content is not what was written' },
    ]);
  });

  it('names the gap where a record was deleted', async () => {
    const { records, seals } = written(5, 5);
    const { faults } = await verify(
      records.filter(({ writer, seq }) => writer !== 'b' || seq !== 2),
      seals,
    );
    expect(faults).toEqual([{ where: 'b 3', what: 'records 2 to 2 are missing' }]);
  });

  it('finds a chain that was written anew from some record on', async () => {
    const { records, seals } = written(6, 2);
    const anew = new AuditChain({ writer: 'a' });
    const forged = [1, 2, 3, 4, 5, 6].map((seq) => anew.append(seq < 4 ? event(seq - 1) : event(seq + 50)));
    const { faults } = await verify([...forged, ...records.filter(({ writer }) => writer === 'b')], seals);
    expect(faults.map(({ where }) => where)).toEqual(['a 4', 'a 6']);
  });

  it('finds that the end of a chain is missing, by the seal or by a head that was kept elsewhere', async () => {
    const { records, seals } = written(4, 4);
    const cut = records.filter(({ seq }) => seq < 4);
    expect((await verify(cut, seals)).faults).toHaveLength(2);
    const head = { writer: 'a', seq: 4, hash: records[3]?.hash ?? '' };
    const kept = await verifyAudit({ records: cut, seals: [], publicKey: keys.publicKey, keptHeads: [head] });
    expect(kept.faults).toEqual([{ where: 'a 4', what: 'records 4 to 4 are missing' }]);
  });

  it('finds a seal that somebody else signed, and one that is missing', async () => {
    const { records, seals } = written(6, 2);
    const foreign = generateKeyPairSync('ed25519');
    const [first, second, third] = seals;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three seals');
    const { hash: _, signature: __, ...facts } = second;
    const forged = sealHeads(facts, foreign.privateKey);
    expect((await verify(records, [first, forged, third])).faults).toEqual([
      { where: 'seal 2', what: 'its signature is not ours' },
    ]);
    expect((await verify(records, [first, third])).faults).toEqual([
      { where: 'seal 3', what: 'seals 2 to 2 are missing' },
    ]);
  });

  it('finds a whole chain that is missing, by its seals or by what was kept elsewhere', async () => {
    const { records, seals } = written(4, 2);
    const rest = records.filter(({ writer }) => writer === 'a');
    expect((await verify(rest, seals)).faults).toEqual([
      { where: 'b 4', what: 'records 1 to 4 are missing' },
    ]);
    const keptHeads = [{ writer: 'b', seq: 4, hash: records[7]?.hash ?? '' }];
    const kept = await verifyAudit({ records: rest, seals: [], publicKey: keys.publicKey, keptHeads });
    expect(kept.faults).toEqual([{ where: 'b 4', what: 'records 1 to 4 are missing' }]);
  });

  it('finds that the newest seals are missing, or were made anew, by the one that was kept elsewhere', async () => {
    const { records, seals } = written(6, 2);
    const last = seals[2];
    if (last === undefined) throw new Error('three seals');
    const keptSeal = { seq: 3, hash: last.hash };
    const check = (found: readonly AuditSeal[]) =>
      verifyAudit({ records, seals: found, publicKey: keys.publicKey, keptSeal });
    expect((await check(seals)).faults).toEqual([]);
    expect((await check(seals.slice(0, 2))).faults).toEqual([
      { where: 'seal 3', what: 'seals 3 to 3 are missing' },
    ]);
    const { hash: _, signature: __, ...facts } = last;
    const anew = sealHeads({ ...facts, at: facts.at + 1 }, keys.privateKey);
    expect((await check([...seals.slice(0, 2), anew])).faults).toEqual([
      { where: 'seal 3', what: 'it is not the seal that was made' },
    ]);
  });

  it('finds a record that was put in, also one with a hash that fits at the end of a closed chain', async () => {
    const { records, seals } = written(4, 4);
    const last = records[3];
    if (last === undefined) throw new Error('four records');
    const link = { writer: 'a', seq: 5, event: last.event, previous: last.hash };
    const added = [...records.slice(0, 4), { ...link, hash: recordHash(link) }, ...records.slice(4)];
    expect(await verify(added, seals)).toMatchObject({ unsealed: 1, faults: [] });
    const keptHeads = [{ writer: 'a', seq: 4, hash: last.hash, closed: true }];
    const kept = await verifyAudit({ records: added, seals, publicKey: keys.publicKey, keptHeads });
    expect(kept.faults).toEqual([{ where: 'a 5', what: 'it was added after its chain was closed' }]);
  });

  it('finds any one change to any seal', async () => {
    const { records, seals } = written(8, 2);
    const change = fc.record({
      index: fc.nat(seals.length - 1),
      how: fc.constantFrom(
        'remove',
        'repeat',
        'time',
        'head',
        'drop-head',
        'previous',
        'hash',
        'signature',
        'swap',
      ),
    });
    const newest = seals.at(-1);
    const keptSeal = newest === undefined ? null : { seq: newest.seq, hash: newest.hash };
    await fc.assert(
      fc.asyncProperty(change, async ({ how, index }) => {
        const changed = [...seals];
        const seal = changed[index];
        const [head, ...heads] = seal?.heads ?? [];
        const other = changed[(index + 1) % changed.length];
        if (seal === undefined || head === undefined || other === undefined) return;
        if (how === 'remove') changed.splice(index, 1);
        if (how === 'repeat') changed.splice(index, 0, seal);
        if (how === 'time') changed[index] = { ...seal, at: seal.at + 1 };
        if (how === 'head') changed[index] = { ...seal, heads: [{ ...head, seq: head.seq - 1 }, ...heads] };
        if (how === 'drop-head') changed[index] = { ...seal, heads };
        if (how === 'previous') changed[index] = { ...seal, previous: other.hash };
        if (how === 'hash') changed[index] = { ...seal, hash: other.hash };
        if (how === 'signature') changed[index] = { ...seal, signature: other.signature };
        if (how === 'swap') {
          changed[index] = other;
          changed[(index + 1) % changed.length] = seal;
        }
        const verdict = await verifyAudit({ records, seals: changed, publicKey: keys.publicKey, keptSeal });
        expect(verdict.faults).not.toEqual([]);
      }),
    );
  });

  it('finds any one change to any record that a seal covers', async () => {
    const { records, seals } = written(6, 6);
    const change = fc.record({
      index: fc.nat(records.length - 1),
      how: fc.constantFrom(
        'remove',
        'remove-tail',
        'insert',
        'repeat',
        'text',
        'hash',
        'previous',
        'number',
        'swap',
      ),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ how, index }) => {
        const changed = [...records];
        const record = changed[index];
        if (record === undefined) return;
        const other = changed[(index + 1) % changed.length] ?? record;
        if (how === 'remove') changed.splice(index, 1);
        if (how === 'remove-tail')
          changed.splice(
            0,
            changed.length,
            ...records.filter(({ seq, writer }) => writer !== record.writer || seq < record.seq),
          );
        if (how === 'insert') {
          const link = { ...record, event: record.event.replace('Anna', 'Bert') };
          changed.splice(index, 0, { ...link, hash: recordHash(link) });
        }
        if (how === 'repeat') changed.splice(index, 0, record);
        if (how === 'text') changed[index] = { ...record, event: `${record.event} ` };
        if (how === 'hash') changed[index] = { ...record, hash: other.hash };
        if (how === 'previous') changed[index] = { ...record, previous: other.hash };
        if (how === 'number') changed[index] = { ...record, seq: record.seq + 1 };
        if (how === 'swap') {
          changed[index] = other;
          changed[(index + 1) % changed.length] = record;
        }
        expect((await verify(changed, seals)).faults).not.toEqual([]);
      }),
    );
  });

  it('tells what has not come yet from what was removed, by what its writer has said', async () => {
    const { records, seals } = written(5, 5);
    const stored = records.filter(({ writer, seq }) => writer === 'a' || seq <= 5);
    const nowMs = 1_700_000_000_000;
    const said = { host: 'control-2', seenAt: new Date(nowMs - 1000), closedAt: null };
    const verifyWith = (writers: readonly AuditWriter[]) =>
      verifyAudit({ records: stored, seals, publicKey: keys.publicKey, writers, nowMs });
    const alive = await verifyWith([
      { ...said, writer: 'a', seq: 5 },
      { ...said, writer: 'b', seq: 8 },
    ]);
    expect(alive.faults).toEqual([]);
    expect(alive.undelivered).toEqual([
      { writer: 'b', host: 'control-2', records: 3, lastHeardAt: said.seenAt.toISOString() },
    ]);
    const silent = await verifyWith([{ ...said, writer: 'a', seq: 5, seenAt: new Date(nowMs - 100_000) }]);
    expect(silent).toMatchObject({ faults: [], undelivered: [{ writer: 'a', records: 0 }] });
    const closed = await verifyWith([{ ...said, writer: 'b', seq: 8, closedAt: new Date(nowMs) }]);
    expect(closed).toMatchObject({
      undelivered: [],
      faults: [{ where: 'b 8', what: 'records 6 to 8 are missing' }],
    });
  });
});
