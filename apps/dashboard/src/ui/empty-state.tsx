import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

export function EmptyState(props: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly testId?: string;
}) {
  const Icon = props.icon;
  return (
    <div
      data-testid={props.testId}
      className="flex h-full flex-col items-center justify-center gap-1 px-6 py-16 text-center"
    >
      <Icon aria-hidden className="mb-3 size-8 text-faint" strokeWidth={1.25} />
      <h2 className="text-base font-semibold">{props.title}</h2>
      <div className="max-w-md text-muted">{props.children}</div>
      {props.action !== undefined && <div className="mt-4 flex gap-2">{props.action}</div>}
    </div>
  );
}
