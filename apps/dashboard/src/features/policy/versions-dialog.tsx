import { useQueryClient } from '@tanstack/react-query';
import type { PolicyRule } from '@vedette/contracts';
import { useState } from 'react';
import { queryKeys } from '../../api/query-keys.ts';
import { usePolicyVersion, usePolicyVersions } from '../../api/rules-queries.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { conditionWords, outcomeWords } from './policy-words.ts';
import { usePolicyNames } from './use-policy-names.ts';

/** Who changed the rules, when and why, and the way back. */
export function VersionsDialog(props: {
  readonly current: number;
  readonly mayRestore: boolean;
  /** Takes rules into what is being changed; nothing is in force by that. */
  readonly onDraft: (rules: readonly PolicyRule[]) => void;
  readonly onClose: () => void;
}) {
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const versions = usePolicyVersions();
  const [open, setOpen] = useState<number>();
  const [restoring, setRestoring] = useState<number>();
  const takeDefaults = async () => {
    const result = await api.rules.defaultPolicy();
    if (result.ok) props.onDraft(result.value.rules);
    else toasts.problem(result.problem);
  };
  return (
    <Dialog title="Versions of the rules" shape="drawer" onClose={props.onClose} testId="versions">
      <LoadState query={versions}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="text-muted">The rules were never changed.</p>
          ) : (
            <ol className="flex flex-col">
              {items.map(({ author, createdAt, note, version }) => (
                <li key={version} className="border-b py-3" data-testid={`version-${version}`}>
                  <div className="flex items-center gap-2">
                    <button
                      type="button"
                      aria-expanded={open === version}
                      onClick={() => setOpen(open === version ? undefined : version)}
                      className="rounded-sm font-medium underline decoration-line-strong underline-offset-4 hover:decoration-current"
                    >
                      Version {version}
                    </button>
                    {version === props.current && <span className="text-faint">in force</span>}
                    {props.mayRestore && version !== props.current && (
                      <Button
                        className="ml-auto h-7"
                        onClick={() => setRestoring(version)}
                        data-testid={`restore-${version}`}
                      >
                        Restore
                      </Button>
                    )}
                  </div>
                  <p className="text-muted">
                    {author ?? 'somebody'}
                    {createdAt !== null && `, ${new Date(createdAt).toLocaleString()}`}
                  </p>
                  {note !== '' && <p className="mt-1">{note}</p>}
                  {open === version && <RulesOf version={version} />}
                </li>
              ))}
            </ol>
          )
        }
      </LoadState>
      {props.mayRestore && (
        <div className="pt-4">
          <p className="mb-2 text-muted">
            The rules that come with Vedette can be taken as a beginning. They hold once you put them in
            force.
          </p>
          <Button onClick={() => void takeDefaults()} data-testid="policy-defaults">
            Begin from those that come with Vedette
          </Button>
        </div>
      )}
      {restoring !== undefined && (
        <ConfirmDialog
          title={`Restore version ${restoring}?`}
          action="Restore"
          run={() => api.rules.restorePolicy(restoring)}
          onCancel={() => setRestoring(undefined)}
          onDone={() => {
            toasts.done(`The rules of version ${restoring} are in force again.`);
            void queries.invalidateQueries({ queryKey: ['policy'] });
            void queries.invalidateQueries({ queryKey: queryKeys.policyVersions });
            setRestoring(undefined);
            props.onClose();
          }}
        >
          <p>Its rules become a new version and hold at once. Nothing of the versions between is lost.</p>
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

function RulesOf({ version }: { readonly version: number }) {
  const query = usePolicyVersion(version);
  const names = usePolicyNames(query.data?.rules ?? []);
  return (
    <LoadState query={query}>
      {({ rules }) => (
        <ol className="mt-2 flex flex-col gap-1.5 rounded-md border bg-bg px-3 py-2">
          {rules.map((rule) => (
            <li key={rule.id}>
              <span className="font-medium">{rule.name}</span>
              {!rule.enabled && <span className="text-warn"> (off)</span>}
              <span className="block text-xs text-muted">
                {conditionWords(rule.when, names)}: {outcomeWords(rule.give).join('; ')}
              </span>
            </li>
          ))}
        </ol>
      )}
    </LoadState>
  );
}
