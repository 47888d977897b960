// The rules as they are being changed. In: the rules in force. Out: a new version of all of them, on one press.
import type { PolicyRule, PolicyView } from '@vedette/contracts';
import { FlaskConical, History, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { moved } from '../../ui/moved.ts';
import { Page } from '../../ui/page.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { DraftBar } from './draft-bar.tsx';
import { RuleDialog } from './rule-dialog.tsx';
import { RuleList } from './rule-list.tsx';
import { TryDialog } from './try-dialog.tsx';
import { usePolicyNames } from './use-policy-names.ts';
import { VersionsDialog } from './versions-dialog.tsx';

type Asking =
  | { readonly what: 'add' | 'try' | 'versions' }
  | { readonly what: 'edit'; readonly rule: PolicyRule }
  | undefined;

export function PolicyEditor({ view }: { readonly view: PolicyView }) {
  const mayChange = useMay('policy.manage');
  const kept = useMemo(() => ({ version: view.version, value: view.rules }), [view.version, view.rules]);
  const draft = useDraft<readonly PolicyRule[]>(kept);
  const names = usePolicyNames(draft.value);
  const [asking, setAsking] = useState<Asking>();
  const [announcement, setAnnouncement] = useState('');
  const close = () => setAsking(undefined);
  const rules = draft.value;
  const replace = (rule: PolicyRule) => draft.set(rules.map((one) => (one.id === rule.id ? rule : one)));
  return (
    <Page
      title="Policy"
      testId="policy"
      summary={versionWords(view)}
      actions={
        <>
          <Button icon={FlaskConical} onClick={() => setAsking({ what: 'try' })} data-testid="policy-try">
            What would happen if
          </Button>
          <Button
            icon={History}
            onClick={() => setAsking({ what: 'versions' })}
            data-testid="policy-versions"
          >
            Versions
          </Button>
          {mayChange && (
            <Button
              kind="primary"
              icon={Plus}
              onClick={() => setAsking({ what: 'add' })}
              data-testid="rule-add"
            >
              Add rule
            </Button>
          )}
        </>
      }
    >
      <div className="flex min-h-full flex-col">
        <div className="max-w-5xl flex-1 px-6 py-5">
          {view.isBroken && (
            <p role="alert" className="mb-4 rounded-md bg-bad-soft px-3 py-2 text-bad">
              The rules that were kept cannot be read any more. Those that come with Vedette hold.
            </p>
          )}
          <p className="mb-4 text-muted">
            Rules are asked from top to bottom. The first that says something about the protocol decides the
            protocol, the first that says something about the stream decides the stream, and so on. What is
            not known never counts as true.
          </p>
          <RuleList
            rules={rules}
            names={names}
            mayChange={mayChange}
            onSwitch={(rule, enabled) => replace({ ...rule, enabled })}
            onMove={(index, by) => {
              draft.set(moved(rules, index, by));
              setAnnouncement(
                `${rules[index]?.name ?? ''} is rule ${index + by + 1} of ${rules.length} now.`,
              );
            }}
            onEdit={(rule) => setAsking({ what: 'edit', rule })}
            onDelete={(rule) => draft.set(rules.filter(({ id }) => id !== rule.id))}
          />
          <p role="status" className="sr-only">
            {announcement}
          </p>
        </div>
        {draft.isChanged && <DraftBar draft={draft} />}
      </div>
      {asking?.what === 'add' && (
        <RuleDialog
          taken={rules.map(({ id }) => id)}
          onClose={close}
          onDone={(rule) => {
            // First: a rule below those that come with Vedette would find everything said already.
            draft.set([rule, ...rules]);
            close();
          }}
        />
      )}
      {asking?.what === 'edit' && (
        <RuleDialog
          rule={asking.rule}
          taken={[]}
          onClose={close}
          onDone={(rule) => {
            replace(rule);
            close();
          }}
        />
      )}
      {asking?.what === 'try' && (
        <TryDialog rules={draft.isChanged ? rules : undefined} names={names} onClose={close} />
      )}
      {asking?.what === 'versions' && (
        <VersionsDialog
          current={view.version}
          mayRestore={mayChange}
          onDraft={(taken) => {
            draft.set(taken);
            close();
          }}
          onClose={close}
        />
      )}
    </Page>
  );
}

function versionWords({ author, createdAt, version }: PolicyView): string {
  if (version === 0) return 'as it comes, never changed';
  const at = createdAt === null ? '' : `, ${new Date(createdAt).toLocaleString()}`;
  return `version ${version}${author === null ? '' : ` by ${author}`}${at}`;
}
