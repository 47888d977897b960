import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';

/** A table whose head stays while it scrolls with its page. */
export function Table({ className, ...rest }: ComponentProps<'table'>) {
  return <table {...rest} className={classNames('w-full border-separate border-spacing-0', className)} />;
}

export function HeadCell({
  numeric,
  className,
  ...rest
}: ComponentProps<'th'> & { readonly numeric?: boolean }) {
  return (
    <th
      scope="col"
      {...rest}
      className={classNames(
        'sticky top-0 z-10 h-9 border-b bg-bg px-3 text-xs font-medium whitespace-nowrap text-faint first:pl-6 last:pr-6',
        numeric === true ? 'text-right' : 'text-left',
        className,
      )}
    />
  );
}

export function Cell({ numeric, className, ...rest }: ComponentProps<'td'> & { readonly numeric?: boolean }) {
  return (
    <td
      {...rest}
      className={classNames(
        'h-11 border-b px-3 whitespace-nowrap first:pl-6 last:pr-6',
        numeric === true && 'text-right',
        className,
      )}
    />
  );
}
