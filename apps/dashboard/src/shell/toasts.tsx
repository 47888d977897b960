import { Check, TriangleAlert, X } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { IconButton } from '../ui/button.tsx';
import { ProblemCode } from '../ui/problem-note.tsx';
import { useChrome } from './chrome.ts';
import type { Toast } from './toast-store.ts';

const DONE_MS = 4_000;
const PROBLEM_MS = 12_000;

/** Lies over everything, dialogs too, and takes no room from anything. */
export function Toasts() {
  const { toasts: store } = useChrome();
  const toasts = useSyncExternalStore(
    (listener) => store.subscribe(listener),
    () => store.toasts,
  );
  const region = useRef<HTMLDivElement>(null);
  const newest = toasts.at(-1)?.id;
  useEffect(() => {
    const element = region.current;
    if (element === null || newest === undefined) return;
    // Shown anew, it comes to lie over a dialog that opened in the meantime.
    element.hidePopover();
    element.showPopover();
  }, [newest]);
  return (
    <div
      ref={region}
      popover="manual"
      role="status"
      aria-live="polite"
      className="fixed inset-auto right-4 bottom-4 m-0 w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 overflow-visible border-0 bg-transparent p-0 text-text [&:popover-open]:flex"
    >
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} onDismiss={() => store.dismiss(toast.id)} />
      ))}
    </div>
  );
}

function ToastCard({ toast, onDismiss }: { readonly toast: Toast; readonly onDismiss: () => void }) {
  const [held, setHeld] = useState(false);
  const dismiss = useRef(onDismiss);
  dismiss.current = onDismiss;
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss.current(), toast.kind === 'done' ? DONE_MS : PROBLEM_MS);
    return () => clearTimeout(timer);
  }, [held, toast.kind]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: reading it with the pointer on it keeps it there
    <div
      data-testid="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="flex gap-2.5 rounded-lg border border-line-strong bg-raised py-2.5 pr-2 pl-3 shadow-xl motion-safe:animate-[enter_120ms_ease-out]"
    >
      {toast.kind === 'done' ? (
        <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-good" />
      ) : (
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" strokeWidth={1.75} />
      )}
      <div className="min-w-0 flex-1">
        {toast.kind === 'done' ? (
          <p>{toast.text}</p>
        ) : (
          <>
            <p className="font-medium">
              {toast.problem.title}
              {toast.count > 1 && <span className="text-faint"> ×{toast.count}</span>}
            </p>
            <p className="text-muted">{toast.problem.detail}</p>
            <ProblemCode problem={toast.problem} />
          </>
        )}
      </div>
      <IconButton small label="Dismiss" icon={X} onClick={onDismiss} side="left" />
    </div>
  );
}
