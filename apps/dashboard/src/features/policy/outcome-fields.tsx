import { CheckRow } from '../../ui/check-row.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ProfileChoice } from './profile-choice.tsx';
import type { OutcomeForm } from './rule-form.ts';

const NOTHING = { value: '', label: 'says nothing' } as const;
const PROTOCOLS = [
  NOTHING,
  { value: 'webrtc,hls', label: 'WebRTC, else HLS' },
  { value: 'hls,webrtc', label: 'HLS, else WebRTC' },
  { value: 'webrtc', label: 'only WebRTC' },
  { value: 'hls', label: 'only HLS' },
];
const yesNo = (yes: string, no: string) =>
  [NOTHING, { value: 'yes', label: yes }, { value: 'no', label: no }] as const;

/** What a rule gives; what it says nothing about is left to the rules below it. */
export function OutcomeFields(props: {
  readonly outcome: OutcomeForm;
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (part: Partial<OutcomeForm>) => void;
}) {
  const { errors, onChange, outcome } = props;
  const number = (name: 'maxViewers' | 'ttlSeconds' | 'tier', label: string, hint: string) => (
    <TextField
      label={label}
      inputMode="numeric"
      placeholder="says nothing"
      value={outcome[name]}
      onValue={(value) => onChange({ [name]: value })}
      hint={hint}
      error={errors.has(`give.${name}`) ? 'A whole number, within what is possible.' : undefined}
      data-testid={`give-${name}`}
    />
  );
  const isEmpty = errors.has('give');
  return (
    <fieldset className="mb-2">
      <legend className="mb-1 text-xs font-medium text-muted">Then</legend>
      <CheckRow
        label="Refuse"
        hint="Nobody for whom the rule applies gets a picture, and nothing below it counts."
        checked={outcome.deny}
        onChecked={(deny) => onChange({ deny })}
        testId="give-deny"
      />
      {!outcome.deny && (
        <div className="mt-2 grid grid-cols-2 gap-x-3">
          <SelectField
            label="Protocol"
            value={outcome.protocols}
            options={PROTOCOLS}
            onValue={(protocols) => onChange({ protocols })}
            testId="give-protocols"
          />
          <ProfileChoice profiles={outcome.profiles} onChange={(profiles) => onChange({ profiles })} />
          {number('maxViewers', 'Viewers of the camera, at most', 'Of all who watch it.')}
          {number('ttlSeconds', 'Keep the stream, seconds', 'After the last viewer.')}
          {number('tier', 'Importance of the view', '0 the most, 9 the least.')}
          <SelectField
            label="Where there is no room"
            value={outcome.preempt}
            options={yesNo('takes the place of less important views', 'takes no place of others')}
            onValue={(preempt) => onChange({ preempt })}
            testId="give-preempt"
          />
          <SelectField
            label="Case number or reason"
            value={outcome.askReason}
            options={yesNo('has to be given', 'is not asked for')}
            onValue={(askReason) => onChange({ askReason })}
            testId="give-askReason"
          />
          <SelectField
            label="Recording"
            value={outcome.record}
            options={yesNo('is wished', 'is not wished')}
            onValue={(record) => onChange({ record })}
            testId="give-record"
          />
        </div>
      )}
      {isEmpty && (
        <p role="alert" className="mb-2 text-xs text-bad">
          A rule has to give something.
        </p>
      )}
    </fieldset>
  );
}
