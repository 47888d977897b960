import { useNavigate, useSearch } from '@tanstack/react-router';
import type { AuditEntry, AuditKind } from '@vedette/contracts';
import { Download, ScrollText } from 'lucide-react';
import { useState } from 'react';
import { type AuditFilter, auditQuery } from '../../api/audit-query.ts';
import { useAudit } from '../../api/queries.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { AuditChips } from './audit-chips.tsx';
import { AuditEntryDialog } from './audit-entry-dialog.tsx';
import { AuditTable } from './audit-table.tsx';
import { AUDIT_KINDS } from './audit-words.ts';
import { VerifyButton } from './verify-button.tsx';

/** Who did what, and that nobody has changed the record of it. */
export default function AuditPage() {
  return useMay('audit.read') ? <Audit /> : <NoPermissionPage />;
}

const CONTROL = 'h-8 rounded-md border border-field-line bg-surface px-2';

function Audit() {
  const search = useSearch({ from: '/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const list = useAudit(search);
  const entries = list.data?.pages.flatMap((page) => page.items);
  const [open, setOpen] = useState<AuditEntry>();
  const filter = (part: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const filtered = Object.values(search).some((value) => value !== undefined);
  const exportUrl = (format: string) =>
    `/api/v1/audit/export?${new URLSearchParams({ ...auditQuery(search), format })}`;
  return (
    <Page
      title="Audit"
      testId="audit"
      summary={entries !== undefined && `${entries.length}${list.hasNextPage ? '+' : ''}`}
      actions={
        <>
          <AuditChips
            filter={search}
            actorName={entries?.find(({ actor }) => actor?.id === search.actor)?.actor?.name}
            onFilter={filter}
          />
          <select
            aria-label="Kind"
            data-testid="audit-kind"
            value={search.kind ?? ''}
            onChange={(event) => filter({ kind: (event.target.value || undefined) as AuditKind | undefined })}
            className={CONTROL}
          >
            <option value="">Everything</option>
            {AUDIT_KINDS.map(({ label, value }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
          <label className="flex items-center gap-2 text-muted">
            from
            <input
              type="date"
              value={search.from ?? ''}
              max={search.to}
              onChange={(event) => filter({ from: event.target.value || undefined })}
              className={CONTROL}
            />
          </label>
          <label className="flex items-center gap-2 text-muted">
            to
            <input
              type="date"
              value={search.to ?? ''}
              min={search.from}
              onChange={(event) => filter({ to: event.target.value || undefined })}
              className={CONTROL}
            />
          </label>
          <Exports urlOf={exportUrl} />
          <VerifyButton />
        </>
      }
    >
      <LoadState query={{ data: entries, error: list.error, refetch: list.refetch }}>
        {(found) =>
          found.length > 0 ? (
            <>
              <AuditTable entries={found} onOpen={setOpen} />
              {list.hasNextPage && (
                <div className="flex justify-center p-4">
                  <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                    {list.isFetchingNextPage ? 'Loading…' : 'Show older entries'}
                  </Button>
                </div>
              )}
            </>
          ) : (
            <EmptyState
              icon={ScrollText}
              title={filtered ? nothingWords(search) : 'Nothing was done yet'}
              testId="audit-empty"
              action={
                filtered && (
                  <Button onClick={() => void navigate({ search: {}, replace: true })}>Clear filters</Button>
                )
              }
            />
          )
        }
      </LoadState>
      {open !== undefined && (
        <AuditEntryDialog
          entry={open}
          onFilter={(part) => {
            setOpen(undefined);
            filter(part);
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Page>
  );
}

/** What was looked for in vain. */
function nothingWords({ camera, kind }: AuditFilter): string {
  if (camera !== undefined && kind === 'view-started') return 'Nobody watched this camera in that time';
  return 'Nothing of that kind in that time';
}

function Exports(props: { readonly urlOf: (format: string) => string }) {
  return (
    <span className="flex items-center gap-2 text-muted">
      <Download aria-hidden className="size-4" strokeWidth={1.75} />
      <a href={props.urlOf('csv')} download className="underline underline-offset-4 hover:text-text">
        CSV
      </a>
      <a href={props.urlOf('jsonl')} download className="underline underline-offset-4 hover:text-text">
        JSON
      </a>
    </span>
  );
}
