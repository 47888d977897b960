import { Tooltip as Radix } from 'radix-ui';
import type { ReactElement } from 'react';

/** Names what only shows an icon, with its key. Must stand inside the shell's tooltip provider. */
export function Tooltip(props: {
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly side?: 'top' | 'bottom' | 'left' | 'right';
  readonly children: ReactElement;
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{props.children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={props.side ?? 'bottom'}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex items-center gap-2 rounded-md border border-line-strong bg-raised px-2 py-1 text-xs text-text shadow-lg"
        >
          {props.label}
          {props.shortcut !== undefined && <kbd className="hint-key">{props.shortcut}</kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
