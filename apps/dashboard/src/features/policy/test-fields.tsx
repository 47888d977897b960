import { X } from 'lucide-react';
import { IconButton } from '../../ui/button.tsx';
import { HoursFields } from '../users/hours-fields.tsx';
import { FACTS, factWords } from './policy-facts.ts';
import { COMPARISONS } from './policy-words.ts';
import type { TestForm } from './rule-form.ts';
import { ValueFields } from './value-fields.tsx';

const CONTROL = 'h-8 rounded-md border border-field-line bg-surface px-2';
const GROUPS = [...new Set(FACTS.map(({ group }) => group))];

/** One condition: which fact, and what it must be. Its fields follow from the kind of the fact. */
export function TestFields(props: {
  readonly test: TestForm;
  readonly index: number;
  readonly problem: string | undefined;
  readonly onChange: (test: TestForm) => void;
  readonly onRemove: () => void;
}) {
  const { index, test } = props;
  const { kind, unit } = factWords(test.fact);
  const change = (part: Partial<TestForm>) => props.onChange({ ...test, ...part });
  const place = `condition ${index + 1}`;
  return (
    <li className="rounded-md border border-line-strong bg-bg px-3 py-2" data-testid={`test-${index}`}>
      <div className="flex flex-wrap items-center gap-2">
        <select
          aria-label={`Fact of ${place}`}
          value={test.fact}
          onChange={(event) => {
            const found = FACTS.find(({ fact }) => fact === event.target.value);
            if (found !== undefined) change({ fact: found.fact, values: [] });
          }}
          className={`${CONTROL} max-w-72`}
          data-testid={`test-${index}-fact`}
        >
          {GROUPS.map((group) => (
            <optgroup key={group} label={group}>
              {FACTS.filter((fact) => fact.group === group).map(({ fact, label }) => (
                <option key={fact} value={fact}>
                  {label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        {kind === 'boolean' ? (
          <select
            aria-label={`Whether it holds, ${place}`}
            value={String(test.is !== test.not)}
            onChange={(event) => change({ is: event.target.value === 'true', not: false })}
            className={CONTROL}
            data-testid={`test-${index}-is`}
          >
            <option value="true">yes</option>
            <option value="false">no</option>
          </select>
        ) : (
          <select
            aria-label={`Is or is not, ${place}`}
            value={test.not ? 'not' : 'is'}
            onChange={(event) => change({ not: event.target.value === 'not' })}
            className={CONTROL}
          >
            <option value="is">is</option>
            <option value="not">is not</option>
          </select>
        )}
        {kind === 'number' && (
          <>
            <select
              aria-label={`Comparison of ${place}`}
              value={test.op}
              onChange={(event) => {
                const found = COMPARISONS.find(({ value }) => value === event.target.value);
                if (found !== undefined) change({ op: found.value });
              }}
              className={CONTROL}
              data-testid={`test-${index}-op`}
            >
              {COMPARISONS.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            <input
              aria-label={`Number of ${place}`}
              inputMode="decimal"
              value={test.number}
              onChange={(event) => change({ number: event.target.value })}
              className={`${CONTROL} w-24`}
              data-testid={`test-${index}-number`}
            />
            {unit !== undefined && <span className="text-muted">{unit}</span>}
          </>
        )}
        <IconButton
          className="ml-auto"
          label={`Remove ${place}`}
          icon={X}
          small
          side="left"
          onClick={props.onRemove}
        />
      </div>
      {kind === 'list' && (
        <ValueFields
          key={test.fact}
          fact={test.fact}
          place={place}
          values={test.values}
          onChange={(values) => change({ values })}
          testId={`test-${index}-values`}
        />
      )}
      {kind === 'time' && <HoursFields window={test.within} onChange={(within) => change({ within })} />}
      {props.problem !== undefined && (
        <p role="alert" className="mt-1 text-xs text-bad">
          {props.problem}
        </p>
      )}
    </li>
  );
}
