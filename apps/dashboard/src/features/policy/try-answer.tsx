import type { PolicyTrace, PolicyTryAnswer } from '@vedette/contracts';
import { classNames } from '../../ui/class-names.ts';
import { type MarkShape, StateMark, type Tone } from '../../ui/state-mark.tsx';
import { becauseWords, OUTCOME_NAMES, outcomeWords, type PolicyNames } from './policy-words.ts';

const RESULTS: Readonly<
  Record<PolicyTrace['result'], { readonly word: string; readonly tone: Tone; readonly shape: MarkShape }>
> = {
  applies: { word: 'Applies', tone: 'good', shape: 'dot' },
  'does-not-apply': { word: 'Does not apply', tone: 'none', shape: 'ring' },
  unknown: { word: 'Not known', tone: 'warn', shape: 'dashed' },
  off: { word: 'Switched off', tone: 'none', shape: 'barred' },
  'after-deny': { word: 'Not asked any more', tone: 'none', shape: 'barred' },
};
const STREAMS = { main: 'large stream', sub: 'small stream', lite: 'stream for every browser' } as const;
const PROTOCOLS: Readonly<Record<string, string>> = { webrtc: 'WebRTC', hls: 'HLS', rtsp: 'RTSP' };

/** What would come of it, and rule by rule why; each result has a shape and a word beside its colour. */
export function TryAnswer(props: { readonly answer: PolicyTryAnswer; readonly names: PolicyNames }) {
  const { answer, names } = props;
  return (
    <div className="mt-2 border-t pt-4" data-testid="try-answer">
      <Verdict answer={answer} />
      <ol className="mt-3">
        {answer.trace.map((step, index) => (
          <Step key={step.rule} step={step} place={index + 1} names={names} />
        ))}
      </ol>
    </div>
  );
}

function Verdict({ answer }: { readonly answer: PolicyTryAnswer }) {
  const { offers, outcome, refusal } = answer;
  if (refusal !== null)
    return (
      <div className="flex gap-2.5" data-testid="try-refused">
        <StateMark shape="barred" tone="bad" className="mt-1 size-3.5" />
        <div>
          <p className="text-base font-semibold text-bad">Refused</p>
          <p className="text-muted">{refusal.detail}</p>
          <p className="font-mono text-2xs text-faint">{refusal.code}</p>
        </div>
      </div>
    );
  const { profiles: _, protocols: __, ...rest } = outcome;
  const further = outcomeWords(rest);
  return (
    <div className="flex gap-2.5" data-testid="try-offered">
      <StateMark shape="dot" tone="good" className="mt-1 size-3.5" />
      <div>
        <p className="text-base font-semibold">
          {offers
            .map(({ profile, protocol }) => `${PROTOCOLS[protocol] ?? protocol}, ${STREAMS[profile]}`)
            .join('; else ')}
        </p>
        {further.length > 0 && <p className="text-muted">{further.join('; ')}</p>}
      </div>
    </div>
  );
}

function Step(props: { readonly place: number; readonly step: PolicyTrace; readonly names: PolicyNames }) {
  const { names, place, step } = props;
  const { shape, tone, word } = RESULTS[step.result];
  const applies = step.result === 'applies';
  return (
    <li
      className="grid grid-cols-[1.25rem_1fr_9.5rem] gap-x-3 border-b py-2"
      data-testid={`trace-${step.rule}`}
      data-result={step.result}
    >
      <span className="text-right text-faint">{place}</span>
      <div className={classNames('min-w-0', !applies && 'text-muted')}>
        <p className={classNames(applies && 'font-medium')}>{step.name}</p>
        {step.because.map((because) => (
          <p key={because} className="text-xs text-muted">
            {becauseWords(because, names)}
          </p>
        ))}
        {applies && (
          <p className="text-xs">
            {step.gave.length === 0
              ? 'Everything it says was said by a rule before it.'
              : `Decides ${step.gave.map((name) => OUTCOME_NAMES[name] ?? name).join(', ')}.`}
          </p>
        )}
      </div>
      <span className="flex items-start gap-2 text-muted">
        <StateMark shape={shape} tone={tone} className="mt-1 size-3" />
        {word}
      </span>
    </li>
  );
}
