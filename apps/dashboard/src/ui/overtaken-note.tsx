import { TriangleAlert } from 'lucide-react';
import { Button } from './button.tsx';

/** Somebody else saved while this was being changed; nothing of theirs is overwritten. */
export function OvertakenNote(props: { readonly what: string; readonly onStartOver: () => void }) {
  return (
    <div
      role="alert"
      data-testid="overtaken"
      className="flex items-center gap-3 rounded-md bg-warn-soft px-3 py-2 text-warn"
    >
      <TriangleAlert aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
      <p className="min-w-0 flex-1">
        Somebody has changed {props.what} meanwhile, so yours cannot be saved. Nothing of theirs is
        overwritten.
      </p>
      <Button onClick={props.onStartOver}>Look at theirs</Button>
    </div>
  );
}
