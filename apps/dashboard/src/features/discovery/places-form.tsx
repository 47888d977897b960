import type { DiscoveryPlaces, DiscoveryRequest, Problem } from '@vedette/contracts';
import { type FormEvent, useId, useState } from 'react';
import { fieldErrors, isFieldProblem } from '../../api/field-errors.ts';
import { Button } from '../../ui/button.tsx';
import { CheckRow } from '../../ui/check-row.tsx';
import { classNames } from '../../ui/class-names.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { interfacesByName, rangeErrors, rangesOf, requestOf } from './found-words.ts';

/** Where to look: networks that are asked by multicast, and addresses that are tried one by one. */
export function PlacesForm(props: {
  readonly places: DiscoveryPlaces;
  readonly running: boolean;
  readonly starting: boolean;
  readonly problem: Problem | undefined;
  readonly onStart: (request: DiscoveryRequest) => void;
  readonly onCancel: () => void;
}) {
  const { places, problem, running } = props;
  const interfaces = interfacesByName(places.interfaces);
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set());
  const [ranges, setRanges] = useState('');
  const [isNothing, setNothing] = useState(false);
  const names = interfaces.map(({ name }) => name);
  const chosen = names.filter((name) => !without.has(name));
  const errors = fieldErrors(problem);
  const wrongRanges = rangeErrors(errors, rangesOf(ranges));
  const start = (event: FormEvent) => {
    event.preventDefault();
    if (running || props.starting) return;
    const request = requestOf({ interfaces: chosen, ranges });
    setNothing(request === undefined);
    if (request !== undefined) props.onStart(request);
  };
  return (
    <form onSubmit={start} className="flex flex-col gap-5" noValidate>
      <fieldset disabled={running}>
        <legend className="mb-1 text-xs font-medium text-muted">Ask who is there, on</legend>
        {interfaces.length === 0 && <p className="text-faint">This machine has no network.</p>}
        {interfaces.map(({ addresses, name }) => (
          <CheckRow
            key={name}
            label={name}
            hint={<span className="font-mono">{addresses.join(', ')}</span>}
            checked={!without.has(name)}
            disabled={running}
            onChecked={(wanted) => {
              setNothing(false);
              setWithout(new Set(names.filter((one) => (one === name ? !wanted : without.has(one)))));
            }}
            testId={`discovery-interface-${name}`}
          />
        ))}
        <p className="mt-1 text-xs text-faint">
          ONVIF devices on the same network answer. A question does not cross a router.
        </p>
        {errors.get('interfaces') !== undefined && (
          <p className="mt-1 text-xs text-bad">{errors.get('interfaces')}</p>
        )}
      </fieldset>
      <Ranges
        value={ranges}
        networks={places.scanNetworks}
        errors={wrongRanges}
        disabled={running}
        onValue={(text) => {
          setNothing(false);
          setRanges(text);
        }}
        onSubmit={start}
      />
      {isNothing && (
        <p role="alert" className="text-xs text-bad">
          Choose a network, or give a range.
        </p>
      )}
      {!isNothing &&
        problem !== undefined &&
        !(isFieldProblem(problem, ['interfaces']) || wrongRanges.length > 0) && (
          <ProblemNote problem={problem} />
        )}
      {running ? (
        <Button onClick={props.onCancel} data-testid="discovery-cancel">
          Cancel search
        </Button>
      ) : (
        <Button kind="primary" type="submit" busy={props.starting} data-testid="discovery-start">
          Start search
        </Button>
      )}
    </form>
  );
}

function Ranges(props: {
  readonly value: string;
  readonly networks: readonly string[];
  readonly errors: readonly string[];
  readonly disabled: boolean;
  readonly onValue: (text: string) => void;
  readonly onSubmit: (event: FormEvent) => void;
}) {
  const id = useId();
  if (props.networks.length === 0)
    return (
      <div>
        <p className="mb-1 text-xs font-medium text-muted">Try addresses one by one</p>
        <p className="text-xs text-faint" data-testid="discovery-no-ranges">
          Switched off. Networks that may be searched so are named in the setting{' '}
          <code className="font-mono text-muted">SCAN_NETWORKS</code> of control, for example{' '}
          <code className="font-mono text-muted">10.0.0.0/16</code>.
        </p>
      </div>
    );
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-xs font-medium text-muted">
        Try addresses one by one
      </label>
      <textarea
        id={id}
        rows={3}
        spellCheck={false}
        disabled={props.disabled}
        value={props.value}
        placeholder={'10.0.0.0/24\n10.0.1.5-10.0.1.90'}
        aria-invalid={props.errors.length > 0 || undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => props.onValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) props.onSubmit(event);
        }}
        className="w-full resize-y rounded-md border border-field-line bg-bg px-2.5 py-1.5 font-mono text-sm text-text placeholder:text-faint hover:border-muted disabled:opacity-60 aria-invalid:border-bad"
        data-testid="discovery-ranges"
      />
      <div
        id={`${id}-note`}
        className={classNames('mt-1 text-xs', props.errors.length > 0 ? 'text-bad' : 'text-faint')}
      >
        {props.errors.length > 0 ? (
          props.errors.map((error) => <p key={error}>{error}</p>)
        ) : (
          <p>
            One a line, within <span className="font-mono">{props.networks.join(', ')}</span>. An intrusion
            detection may notice it.
          </p>
        )}
      </div>
    </div>
  );
}
