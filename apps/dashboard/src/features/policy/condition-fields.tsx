import { Plus } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { emptyTest, type RuleForm, type TestForm } from './rule-form.ts';
import { TestFields } from './test-fields.tsx';

/** When a rule applies: always, or when all or any of these hold. */
export function ConditionFields(props: {
  readonly join: RuleForm['join'];
  readonly tests: readonly TestForm[];
  /** Of each test, once somebody has tried to save. */
  readonly problems: readonly (string | undefined)[];
  readonly onChange: (part: Partial<RuleForm>) => void;
}) {
  const { join, onChange, tests } = props;
  return (
    <fieldset className="mb-4">
      <legend className="mb-1 text-xs font-medium text-muted">When</legend>
      {tests.length > 1 && (
        <Segmented
          className="mb-2 w-84"
          legend="How many have to hold"
          value={join}
          onValue={(wanted) => onChange({ join: wanted })}
          options={[
            { value: 'all', label: 'all of these hold' },
            { value: 'any', label: 'any of these holds' },
          ]}
        />
      )}
      {tests.length === 0 && <p className="mb-2 text-muted">Always.</p>}
      <ul className="flex flex-col gap-2">
        {tests.map((test, index) => (
          <TestFields
            // biome-ignore lint/suspicious/noArrayIndexKey: a test is its place in the list
            key={index}
            test={test}
            index={index}
            problem={props.problems[index]}
            onChange={(changed) =>
              onChange({ tests: tests.map((one, at) => (at === index ? changed : one)) })
            }
            onRemove={() => onChange({ tests: tests.filter((_, at) => at !== index) })}
          />
        ))}
      </ul>
      <Button
        icon={Plus}
        className="mt-2"
        onClick={() => onChange({ tests: [...tests, emptyTest('tile.count')] })}
        data-testid="test-add"
      >
        Add condition
      </Button>
    </fieldset>
  );
}
