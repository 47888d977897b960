import type { Problem } from '@vedette/contracts';
import { Download } from 'lucide-react';
import { type FormEvent, useId } from 'react';
import { fieldErrors, isFieldProblem } from '../../api/field-errors.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';

interface ImportedFile {
  readonly name: string;
  readonly text: string;
}

const EXPORTS = ['csv', 'json', 'yaml'] as const;

/** A file, or text that is put in; and all there is as a file to begin from. */
export function ImportForm(props: {
  readonly file: ImportedFile;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly onFile: (file: ImportedFile) => void;
  readonly onCheck: () => void;
}) {
  const { file, onFile, problem } = props;
  const id = useId();
  const error = fieldErrors(problem).get('text');
  const check = (event: FormEvent) => {
    event.preventDefault();
    if (file.text.trim() !== '') props.onCheck();
  };
  return (
    <form onSubmit={check} className="flex flex-col gap-4" noValidate>
      <div>
        <label htmlFor={`${id}-file`} className="mb-1 block text-xs font-medium text-muted">
          A file: CSV, JSON or YAML
        </label>
        <input
          id={`${id}-file`}
          type="file"
          accept=".csv,.json,.yaml,.yml,text/csv,application/json,application/yaml"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen === undefined) return;
            void chosen.text().then((text) => onFile({ name: chosen.name, text }));
          }}
          className="w-full text-sm text-muted file:mr-3 file:h-8 file:cursor-pointer file:rounded-md file:border file:border-line-strong file:bg-raised file:px-3 file:text-text hover:file:bg-hover"
          data-testid="import-file"
        />
      </div>
      <div>
        <label htmlFor={id} className="mb-1 block text-xs font-medium text-muted">
          What is in it, or put it in here
        </label>
        <textarea
          id={id}
          rows={12}
          spellCheck={false}
          value={file.text}
          placeholder={'name,url,username,password\nGate,rtsp://10.0.0.11/main,view,…'}
          onChange={(event) => onFile({ name: '', text: event.target.value })}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={`${id}-note`}
          className="w-full resize-y rounded-md border border-field-line bg-bg px-2.5 py-1.5 font-mono text-xs leading-5 text-text placeholder:text-faint hover:border-muted aria-invalid:border-bad"
          data-testid="import-text"
        />
        <p id={`${id}-note`} className={`mt-1 text-xs ${error === undefined ? 'text-faint' : 'text-bad'}`}>
          {error ?? 'A camera that is there already is changed, and nothing is added twice.'}
        </p>
      </div>
      {problem !== undefined && !isFieldProblem(problem, ['text']) && <ProblemNote problem={problem} />}
      <Button
        kind="primary"
        type="submit"
        busy={props.busy}
        disabled={file.text.trim() === ''}
        data-testid="import-check"
      >
        Check
      </Button>
      <section className="border-t pt-4">
        <h2 className="mb-1 text-xs font-medium text-muted">All cameras there are, as a file</h2>
        <p className="flex items-center gap-3">
          <Download aria-hidden className="size-4 text-muted" strokeWidth={1.75} />
          {EXPORTS.map((format) => (
            <a
              key={format}
              href={`/api/v1/cameras/export?format=${format}`}
              download
              className="underline underline-offset-4 hover:text-text"
            >
              {format.toUpperCase()}
            </a>
          ))}
        </p>
        <p className="mt-1 text-xs text-faint">Without passwords. It can be changed and taken in again.</p>
      </section>
    </form>
  );
}
