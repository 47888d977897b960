import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';
import { Tooltip } from './tooltip.tsx';

const KINDS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover font-semibold',
  secondary: 'border border-line-strong bg-raised text-text hover:bg-hover',
  quiet: 'text-muted hover:bg-hover hover:text-text',
  danger: 'border border-bad/60 text-bad hover:bg-bad-soft font-medium',
} as const;

interface ButtonProps extends ComponentProps<'button'> {
  readonly kind?: keyof typeof KINDS;
  readonly icon?: LucideIcon;
  /** Work is under way: the button keeps its size and its focus, and does nothing when pressed again. */
  readonly busy?: boolean;
}

export function Button({ kind = 'secondary', icon: Icon, busy = false, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
      className={classNames(
        'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md px-3 text-sm whitespace-nowrap transition-colors disabled:opacity-45 aria-busy:opacity-60',
        KINDS[kind],
        className,
      )}
    >
      {Icon !== undefined && <Icon aria-hidden className="size-4" strokeWidth={1.75} />}
      {rest.children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<'button'> {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly shortcut?: string;
  readonly small?: boolean;
  readonly side?: 'top' | 'bottom' | 'left' | 'right';
}

/** A square button that only shows an icon; its label is its name and its tooltip. */
export function IconButton({
  label,
  icon: Icon,
  shortcut,
  small,
  side = 'bottom',
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip label={label} shortcut={shortcut} side={side}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={classNames(
          'inline-flex shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-hover hover:text-text disabled:opacity-40 aria-pressed:bg-accent-soft aria-pressed:text-accent',
          small === true ? 'size-6' : 'size-8',
          className,
        )}
      >
        <Icon aria-hidden className={small === true ? 'size-3.5' : 'size-4'} strokeWidth={1.75} />
      </button>
    </Tooltip>
  );
}
