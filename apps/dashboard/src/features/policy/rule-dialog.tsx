import type { PolicyRule } from '@vedette/contracts';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ConditionFields } from './condition-fields.tsx';
import { OutcomeFields } from './outcome-fields.tsx';
import {
  formOfRule,
  jsonOfForm,
  newRuleId,
  type ReadRule,
  type RuleForm,
  readRule,
  testProblem,
} from './rule-form.ts';
import { RuleJson } from './rule-json.tsx';

const EMPTY: RuleForm = {
  id: '',
  name: '',
  enabled: true,
  reason: '',
  join: 'all',
  tests: [],
  outcome: {
    protocols: '',
    profiles: [],
    maxViewers: '',
    ttlSeconds: '',
    tier: '',
    preempt: '',
    askReason: '',
    record: '',
    deny: false,
  },
};

/** Adds a rule or changes one, in a form or as JSON; the rules are in force only when all of them are saved. */
export function RuleDialog(props: {
  readonly rule?: PolicyRule;
  /** Ids that a new one must not have. */
  readonly taken: readonly string[];
  readonly onDone: (rule: PolicyRule) => void;
  readonly onClose: () => void;
}) {
  const { rule } = props;
  const formId = useId();
  const [form, setForm] = useState<RuleForm | undefined>(() =>
    rule === undefined ? EMPTY : formOfRule(rule),
  );
  const [text, setText] = useState(() => (rule === undefined ? '' : JSON.stringify(rule, undefined, 2)));
  const [view, setView] = useState<'form' | 'json'>(form === undefined ? 'json' : 'form');
  const [tried, setTried] = useState(false);
  const withId = (filled: RuleForm): RuleForm =>
    rule === undefined ? { ...filled, id: newRuleId(filled.name, props.taken) } : filled;
  const read: ReadRule =
    view === 'form' && form !== undefined ? readRule(jsonOfForm(withId(form))) : readText(text);
  const errors: ReadonlyMap<string, string> = read.ok || !tried ? new Map() : read.errors;
  const show = (wanted: 'form' | 'json') => {
    if (wanted === 'json' && form !== undefined)
      setText(JSON.stringify(jsonOfForm(withId(form)), undefined, 2));
    if (wanted === 'form') {
      const parsed = readText(text);
      const filled = parsed.ok ? formOfRule(parsed.rule) : undefined;
      if (filled === undefined) {
        setTried(true);
        return;
      }
      setForm(filled);
    }
    setView(wanted);
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    // A rule keeps its id, whatever was written: versions and audit speak of it by that.
    if (read.ok)
      props.onDone(rule === undefined ? freeId(read.rule, props.taken) : { ...read.rule, id: rule.id });
  };
  const isNested = view === 'json' && read.ok && formOfRule(read.rule) === undefined;
  return (
    <Dialog
      title={rule === undefined ? 'Add rule' : `Edit ${rule.name}`}
      shape="wide"
      onClose={props.onClose}
      keepOpen
      testId="rule-form"
      footer={
        <>
          <Segmented
            className="mr-auto"
            legend="Shown as"
            value={view}
            onValue={show}
            options={[
              { value: 'form', label: 'Form' },
              { value: 'json', label: 'JSON', testId: 'rule-json' },
            ]}
          />
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form={formId} data-testid="rule-save">
            {rule === undefined ? 'Add rule' : 'Take over'}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={save} noValidate>
        {view === 'form' && form !== undefined ? (
          <>
            <TextField
              label="Name"
              data-first-focus
              maxLength={120}
              value={form.name}
              onValue={(name) => setForm({ ...form, name })}
              error={errors.has('name') || errors.has('id') ? 'Give it a name.' : undefined}
              data-testid="rule-name"
            />
            <ConditionFields
              join={form.join}
              tests={form.tests}
              problems={tried ? form.tests.map(testProblem) : []}
              onChange={(part) => setForm({ ...form, ...part })}
            />
            <OutcomeFields
              outcome={form.outcome}
              errors={errors}
              onChange={(part) => setForm({ ...form, outcome: { ...form.outcome, ...part } })}
            />
            <TextField
              label="Because"
              maxLength={300}
              value={form.reason}
              onValue={(reason) => setForm({ ...form, reason })}
              error={errors.has('reason') ? 'Say why: whoever it concerns is told.' : undefined}
              hint="Told to whoever it concerns."
              data-testid="rule-reason"
            />
          </>
        ) : (
          <RuleJson text={text} errors={errors} isNested={isNested} onText={setText} />
        )}
      </form>
    </Dialog>
  );
}

function readText(text: string): ReadRule {
  try {
    return readRule(JSON.parse(text));
  } catch {
    return { ok: false, errors: new Map([['', 'This is not JSON.']]) };
  }
}

function freeId(rule: PolicyRule, taken: readonly string[]): PolicyRule {
  return taken.includes(rule.id) ? { ...rule, id: newRuleId(rule.id, taken) } : rule;
}
