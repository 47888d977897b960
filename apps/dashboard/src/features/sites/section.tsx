import { Plus } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import type { Page } from '../../api/vedette-api.ts';
import { Button } from '../../ui/button.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';

/** One of the lists of this page, as it was read. */
export interface ListQuery<T> {
  readonly data: Page<T> | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

interface Listed {
  readonly id: string;
  readonly name: string;
}

interface SectionProps<T> {
  readonly title: string;
  /** What these are for. */
  readonly words: string;
  readonly query: ListQuery<T>;
  readonly addLabel: string;
  readonly none: string;
  readonly testId: string;
  /** Who may not only looks. */
  readonly mayChange: boolean;
  readonly onAdd: () => void;
  readonly onEdit: (item: T) => void;
  readonly onDelete: (item: T) => void;
  /** Beside the name. */
  readonly columns: readonly {
    readonly head: string;
    readonly numeric?: boolean;
    readonly cell: (item: T) => ReactNode;
  }[];
}

/** One list of the page: heading, what it is for, its rows, and how to change it. */
export function Section<T extends Listed>(props: SectionProps<T>) {
  const id = useId();
  return (
    <section aria-labelledby={id} data-testid={`${props.testId}-list`}>
      <header className="flex items-end gap-4 px-6 pb-2">
        <div className="min-w-0 flex-1">
          <h2 id={id} className="text-base font-semibold">
            {props.title}
          </h2>
          <p className="text-muted">{props.words}</p>
        </div>
        {props.mayChange && (
          <Button icon={Plus} onClick={props.onAdd} data-testid={`${props.testId}-add`}>
            {props.addLabel}
          </Button>
        )}
      </header>
      <LoadState query={props.query}>
        {({ items }) =>
          items.length > 0 ? (
            <Rows {...props} items={items} />
          ) : (
            <p className="mx-6 border-t py-3 text-faint">{props.none}</p>
          )
        }
      </LoadState>
    </section>
  );
}

function Rows<T extends Listed>(props: SectionProps<T> & { readonly items: readonly T[] }) {
  return (
    <Table className="table-fixed">
      <thead>
        <tr>
          <HeadCell className="w-1/4">Name</HeadCell>
          {props.columns.map(({ head, numeric }) => (
            <HeadCell key={head} numeric={numeric === true}>
              {head}
            </HeadCell>
          ))}
          <HeadCell className="w-44">
            <span className="sr-only">Actions</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {props.items.map((item) => (
          <tr key={item.id} data-testid={`${props.testId}-${item.name}`} className="hover:bg-hover">
            <Cell className="truncate font-medium">{item.name}</Cell>
            {props.columns.map(({ cell, head, numeric }) => (
              <Cell key={head} numeric={numeric === true} className="truncate text-muted">
                {cell(item)}
              </Cell>
            ))}
            <Cell numeric>
              {props.mayChange && (
                <>
                  <Button
                    kind="quiet"
                    className="h-7"
                    aria-label={`Edit ${item.name}`}
                    onClick={() => props.onEdit(item)}
                  >
                    Edit
                  </Button>
                  <Button
                    kind="quiet"
                    className="h-7"
                    aria-label={`Delete ${item.name}`}
                    onClick={() => props.onDelete(item)}
                  >
                    Delete
                  </Button>
                </>
              )}
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
