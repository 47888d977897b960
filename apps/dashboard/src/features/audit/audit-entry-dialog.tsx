import type { AuditEntry } from '@vedette/contracts';
import type { AuditFilter } from '../../api/audit-query.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { kindLabel } from './audit-words.ts';

/** All that was written down, and its place in the chain. */
export function AuditEntryDialog(props: {
  readonly entry: AuditEntry;
  readonly onFilter: (part: AuditFilter) => void;
  readonly onClose: () => void;
}) {
  const { entry } = props;
  const { actor, cameraId } = entry;
  const facts: [string, string | null][] = [
    ['When', new Date(entry.at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })],
    ['Who', entry.actor === null ? null : `${entry.actor.name} (${entry.actor.kind} ${entry.actor.id})`],
    ['From', entry.clientAddress],
    ['Camera', entry.cameraId],
    ['View', entry.sessionId],
    ['Request', entry.requestId],
    ['Record', `${entry.seq} of ${entry.writer}`],
    ['Hash', entry.hash],
  ];
  return (
    <Dialog title={kindLabel(entry.kind)} shape="drawer" onClose={props.onClose} testId="audit-entry">
      <dl className="grid grid-cols-[6rem_1fr] gap-x-4 gap-y-2">
        {facts.map(
          ([name, value]) =>
            value !== null && (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd className="break-all">{value}</dd>
              </div>
            ),
        )}
      </dl>
      {(actor !== null || cameraId !== null) && (
        <p className="mt-4 flex flex-wrap gap-2">
          {actor !== null && (
            <Button onClick={() => props.onFilter({ actor: actor.id })}>All by {actor.name}</Button>
          )}
          {cameraId !== null && (
            <Button onClick={() => props.onFilter({ camera: cameraId })}>All about this camera</Button>
          )}
        </p>
      )}
      {Object.keys(entry.data).length > 0 && (
        <pre className="mt-5 overflow-x-auto rounded-md border bg-bg p-3 font-mono text-xs whitespace-pre-wrap">
          {JSON.stringify(entry.data, undefined, 2)}
        </pre>
      )}
    </Dialog>
  );
}
