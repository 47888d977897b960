import type { ReactNode } from 'react';

/** Names and what they are, under a heading. */
export function Facts({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-semibold text-faint">{title}</h3>
      <dl className="grid grid-cols-[7rem_1fr] gap-x-3 gap-y-1.5 border-t pt-2">{children}</dl>
    </section>
  );
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
