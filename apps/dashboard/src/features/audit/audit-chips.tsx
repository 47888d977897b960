import { X } from 'lucide-react';
import type { AuditFilter } from '../../api/audit-query.ts';
import { isCameraId } from '../../api/is-camera-id.ts';
import { useCamera } from '../../api/queries.ts';

/** The camera and the person that the page is narrowed to, each to be taken away again. */
export function AuditChips(props: {
  readonly filter: AuditFilter;
  /** Of the person, out of an entry of theirs. */
  readonly actorName: string | undefined;
  readonly onFilter: (part: AuditFilter) => void;
}) {
  const { actor, camera } = props.filter;
  const known = useCamera(isCameraId(camera) ? camera : undefined).data;
  return (
    <>
      {camera !== undefined && (
        <Chip
          label="Camera"
          value={known?.name ?? camera}
          onRemove={() => props.onFilter({ camera: undefined })}
          testId="audit-camera"
        />
      )}
      {actor !== undefined && (
        <Chip
          label="Who"
          value={props.actorName ?? actor}
          onRemove={() => props.onFilter({ actor: undefined })}
          testId="audit-actor"
        />
      )}
    </>
  );
}

function Chip(props: {
  readonly label: string;
  readonly value: string;
  readonly onRemove: () => void;
  readonly testId: string;
}) {
  return (
    <span
      className="flex h-8 max-w-64 items-center gap-1.5 rounded-md border border-accent bg-accent-soft pl-2.5"
      data-testid={props.testId}
    >
      <span className="truncate">
        <span className="text-muted">{props.label}</span> {props.value}
      </span>
      <button
        type="button"
        aria-label={`Not only ${props.value}`}
        onClick={props.onRemove}
        className="flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:text-text"
      >
        <X aria-hidden className="size-3.5" strokeWidth={1.75} />
      </button>
    </span>
  );
}
