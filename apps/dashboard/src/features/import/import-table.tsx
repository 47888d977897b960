import { Link } from '@tanstack/react-router';
import type { CameraImportAnswer } from '@vedette/contracts';
import { StateMark } from '../../ui/state-mark.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { ACTIONS } from './import-words.ts';

/** Row by row, what is wrong first: that is what has to be seen to. */
export function ImportTable({ answer }: { readonly answer: CameraImportAnswer }) {
  const rows = [...answer.rows].sort(
    (a, b) => Number(b.action === 'error') - Number(a.action === 'error') || a.row - b.row,
  );
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <Table>
        <thead>
          <tr>
            <HeadCell numeric>Row</HeadCell>
            <HeadCell>Name</HeadCell>
            <HeadCell>{answer.dryRun ? 'What would happen' : 'What happened'}</HeadCell>
            <HeadCell className="w-full">Why</HeadCell>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ action, id, name, problems, row }) => {
            const { done, shape, tone, word } = ACTIONS[action];
            return (
              <tr key={row} data-testid={`import-row-${row}`} data-action={action} className="hover:bg-hover">
                <Cell numeric className="text-faint">
                  {row}
                </Cell>
                <Cell className="font-medium">
                  {id === null ? (
                    (name ?? <span className="text-faint">no name</span>)
                  ) : (
                    <Link
                      to="/cameras"
                      search={{ camera: id }}
                      className="rounded-sm underline decoration-line-strong underline-offset-4 hover:decoration-current"
                    >
                      {name ?? id}
                    </Link>
                  )}
                </Cell>
                <Cell>
                  <span className="flex items-center gap-2">
                    <StateMark shape={shape} tone={tone} className="size-2.5" />
                    {answer.dryRun ? word : done}
                  </span>
                </Cell>
                <Cell className="py-1.5 whitespace-normal text-muted">
                  {problems.map(({ field, message }) => (
                    <p key={`${field} ${message}`}>
                      {field !== '' && <span className="font-mono text-xs">{field} </span>}
                      {message}
                    </p>
                  ))}
                </Cell>
              </tr>
            );
          })}
        </tbody>
      </Table>
    </div>
  );
}
