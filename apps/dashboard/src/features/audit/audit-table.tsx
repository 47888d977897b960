import type { AuditEntry } from '@vedette/contracts';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { auditSubject, kindLabel } from './audit-words.ts';

/** Newest first; a row opens to the whole entry. */
export function AuditTable(props: {
  readonly entries: readonly AuditEntry[];
  readonly onOpen: (entry: AuditEntry) => void;
}) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>When</HeadCell>
          <HeadCell>Who</HeadCell>
          <HeadCell>What</HeadCell>
          <HeadCell className="w-full">About</HeadCell>
          <HeadCell>From</HeadCell>
        </tr>
      </thead>
      <tbody>
        {props.entries.map((entry) => (
          <tr
            key={`${entry.writer} ${entry.seq}`}
            data-testid={`audit-${entry.kind}`}
            className="hover:bg-hover"
          >
            <Cell className="text-muted tabular-nums">
              <time dateTime={new Date(entry.at).toISOString()}>{new Date(entry.at).toLocaleString()}</time>
            </Cell>
            <Cell>
              {entry.actor?.name ?? <span className="text-faint">nobody known</span>}
              {entry.actor?.kind === 'token' && <span className="ml-2 text-faint">token</span>}
            </Cell>
            <Cell>
              <button
                type="button"
                onClick={() => props.onOpen(entry)}
                className="rounded-sm underline decoration-line-strong underline-offset-4 hover:decoration-current"
              >
                {kindLabel(entry.kind)}
              </button>
            </Cell>
            <Cell className="max-w-0 truncate">{auditSubject(entry)}</Cell>
            <Cell className="font-mono text-sm text-muted">{entry.clientAddress ?? ''}</Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
