import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { classNames } from './class-names.ts';

const SHAPES = {
  center:
    'm-auto w-[min(34rem,calc(100vw-2rem))] max-h-[calc(100dvh-4rem)] rounded-lg border border-line-strong motion-safe:animate-[enter_120ms_ease-out]',
  wide: 'm-auto w-[min(46rem,calc(100vw-2rem))] max-h-[calc(100dvh-4rem)] rounded-lg border border-line-strong motion-safe:animate-[enter_120ms_ease-out]',
  drawer:
    'ml-auto h-dvh max-h-none w-[min(30rem,100vw)] border-l border-line-strong motion-safe:animate-[slide-in_140ms_ease-out]',
} as const;

interface DialogProps {
  readonly title: string;
  readonly shape?: keyof typeof SHAPES;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Stays in view while the content scrolls. */
  readonly footer?: ReactNode;
  readonly testId?: string;
  /** What was typed would be lost: a press beside the dialog does not close it. */
  readonly keepOpen?: boolean;
}

/** A modal dialog while it is mounted. The browser's own element keeps the focus in and gives it back. */
export function Dialog({
  title,
  shape = 'center',
  onClose,
  children,
  footer,
  testId,
  keepOpen,
}: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      // The browser would choose the first button, which is the one that closes.
      const wanted = dialog.querySelector<HTMLElement>('input[data-first-focus]');
      (wanted ?? dialog.querySelector<HTMLElement>('[data-first-focus]'))?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key, and the browser's own
    <dialog
      ref={element}
      aria-labelledby={titleId}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current && keepOpen !== true) onClose();
      }}
      className={classNames('overflow-hidden bg-surface p-0 text-text shadow-2xl', SHAPES[shape])}
    >
      <div
        className={classNames('flex flex-col', shape === 'drawer' ? 'h-full' : 'max-h-[calc(100dvh-4rem)]')}
      >
        <header className="flex shrink-0 items-center gap-2 border-b py-2.5 pr-2.5 pl-5">
          <h2
            id={titleId}
            tabIndex={-1}
            data-first-focus
            className="min-w-0 flex-1 truncate text-base font-semibold outline-none"
          >
            {title}
          </h2>
          <button
            type="button"
            aria-label="Close"
            onClick={onClose}
            className="flex size-8 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
          >
            <X aria-hidden className="size-4" strokeWidth={1.75} />
          </button>
        </header>
        {/* Relative, so that what is hidden for all but screen readers scrolls here and never the whole dialog. */}
        <div className="relative min-h-0 flex-1 overflow-y-auto p-5">{children}</div>
        {footer !== undefined && (
          <footer className="flex shrink-0 items-center justify-end gap-2 border-t px-5 py-3">
            {footer}
          </footer>
        )}
      </div>
    </dialog>
  );
}
