import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CameraImportAnswer, Problem } from '@vedette/contracts';
import { ArrowLeft, FileUp } from 'lucide-react';
import { useState } from 'react';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Page } from '../../ui/page.tsx';
import { ImportForm } from './import-form.tsx';
import { ImportTable } from './import-table.tsx';
import { formatOf, importSummary, takenRows } from './import-words.ts';

/** Many cameras out of a file: first what would become of each, then the import itself. */
export default function ImportPage() {
  return useMay('camera.write') ? <Import /> : <NoPermissionPage />;
}

function Import() {
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const [file, setFile] = useState({ name: '', text: '' });
  const [answer, setAnswer] = useState<CameraImportAnswer>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = async (dryRun: boolean) => {
    if (busy) return;
    setBusy(true);
    const { name, text } = file;
    const result = await api.importCameras({ format: formatOf(name, text), text, dryRun });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    setAnswer(result.ok ? result.value : undefined);
    if (!result.ok || dryRun) return;
    toasts.done(`Import: ${importSummary(result.value)}.`);
    void queries.invalidateQueries({ queryKey: queryKeys.cameras });
  };
  const taken = answer === undefined ? 0 : takenRows(answer);
  return (
    <Page
      title="Import cameras"
      testId="import"
      actions={
        <Link
          to="/cameras"
          className="inline-flex h-8 items-center gap-1.5 rounded-md px-3 text-sm text-muted hover:bg-hover hover:text-text"
        >
          <ArrowLeft aria-hidden className="size-4" strokeWidth={1.75} />
          All cameras
        </Link>
      }
    >
      <div className="flex h-full min-h-0">
        <aside className="w-96 shrink-0 overflow-y-auto border-r bg-surface px-6 py-5">
          <ImportForm
            file={file}
            busy={busy}
            problem={problem}
            onFile={(chosen) => {
              setFile(chosen);
              setAnswer(undefined);
              setProblem(undefined);
            }}
            onCheck={() => void run(true)}
          />
        </aside>
        <section aria-label="What becomes of each row" className="flex min-w-0 flex-1 flex-col">
          {answer === undefined ? (
            <EmptyState icon={FileUp} title="Nothing checked yet">
              <p>Checking changes nothing: it tells of every row what would become of it.</p>
            </EmptyState>
          ) : (
            <>
              <div className="flex shrink-0 items-center gap-4 border-b px-6 py-3">
                <p role="status" className="min-w-0 flex-1" data-testid="import-summary">
                  {importSummary(answer)}
                </p>
                {answer.dryRun && (
                  <Button
                    kind="primary"
                    busy={busy}
                    disabled={taken === 0}
                    onClick={() => void run(false)}
                    data-testid="import-run"
                  >
                    Import {taken} {taken === 1 ? 'camera' : 'cameras'}
                  </Button>
                )}
              </div>
              <ImportTable answer={answer} />
            </>
          )}
        </section>
      </div>
    </Page>
  );
}
