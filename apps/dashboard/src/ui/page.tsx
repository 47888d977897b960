import type { ReactNode } from 'react';

/** The frame of every page but the wall: a heading line that stays, and content that scrolls under it. */
export function Page(props: {
  readonly title: string;
  readonly summary?: ReactNode;
  readonly actions?: ReactNode;
  readonly testId?: string;
  readonly children: ReactNode;
}) {
  return (
    <main data-testid={props.testId} className="flex h-full min-h-0 flex-col">
      <title>{`${props.title} · Vedette`}</title>
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b px-6 py-3">
        <h1 className="text-lg leading-none font-semibold tracking-tight">{props.title}</h1>
        <div className="min-w-0 flex-1 truncate text-muted">{props.summary}</div>
        {props.actions}
      </header>
      <div className="relative min-h-0 flex-1 overflow-auto">{props.children}</div>
    </main>
  );
}
