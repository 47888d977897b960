import { useQueryClient } from '@tanstack/react-query';
import type { PolicyRule, Problem } from '@vedette/contracts';
import { type FormEvent, useState } from 'react';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { OvertakenNote } from '../../ui/overtaken-note.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import type { Draft } from '../../ui/use-draft.ts';

/** What was changed is not in force yet: saves it as a new version with a note, or drops it. */
export function DraftBar({ draft }: { readonly draft: Draft<readonly PolicyRule[]> }) {
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const isConflict = draft.isOvertaken || problem?.status === 409;
  const startOver = () => {
    setProblem(undefined);
    draft.startOver();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || isConflict) return;
    setBusy(true);
    const result = await api.rules.setPolicy({
      basedOn: draft.basedOn,
      note: note.trim(),
      rules: [...draft.value],
    });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) {
      queries.setQueryData(queryKeys.policy, result.value);
      void queries.invalidateQueries({ queryKey: queryKeys.policyVersions });
      draft.saved({ version: result.value.version, value: result.value.rules });
      toasts.done(`Version ${result.value.version} is in force.`);
    } else if (result.problem.status === 409) void queries.invalidateQueries({ queryKey: queryKeys.policy });
  };
  return (
    <form
      onSubmit={(event) => void save(event)}
      className="sticky bottom-0 border-t bg-surface px-6 py-3"
      data-testid="policy-draft"
    >
      {isConflict ? (
        <OvertakenNote what="the rules" onStartOver={startOver} />
      ) : (
        <div className="flex max-w-5xl items-center gap-3">
          <p className="shrink-0 font-medium text-warn">Not in force yet</p>
          <input
            aria-label="Note for this version"
            placeholder="Why, for who reads the versions later"
            maxLength={300}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            className="h-8 min-w-0 flex-1 rounded-md border border-field-line bg-bg px-2.5 placeholder:text-faint"
            data-testid="policy-note"
          />
          <Button kind="quiet" onClick={startOver}>
            Discard changes
          </Button>
          <Button kind="primary" type="submit" busy={busy} data-testid="policy-save">
            Put in force
          </Button>
        </div>
      )}
      {problem !== undefined && !isConflict && <ProblemNote problem={problem} className="mt-3 max-w-5xl" />}
    </form>
  );
}
