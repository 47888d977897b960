import type { CameraProfile, ProbeResult } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import { useEffect, useRef } from 'react';
import { formatPicture } from '../../format/format-picture.ts';
import { classNames } from '../../ui/class-names.ts';
import { furtherDetail } from '../../ui/further-detail.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { probeSteps } from './probe-steps.ts';

/** The outcome of a test: what the camera sends, or the step that failed and what to do about it. */
export function ProbeReport(props: {
  readonly result: ProbeResult | undefined;
  readonly className?: string;
}) {
  const { result } = props;
  const section = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it grows with the result, and shall be in view then too
  useEffect(() => section.current?.scrollIntoView({ block: 'nearest' }), [result]);
  return (
    <section
      ref={section}
      aria-live="polite"
      data-testid="probe-result"
      data-ok={result === undefined ? undefined : String(result.ok)}
      className={classNames('rounded-md border border-line-strong bg-bg px-3 py-2.5', props.className)}
    >
      {result === undefined ? (
        <p className="flex items-center gap-2 text-muted">
          <StateMark shape="turning" tone="busy" /> Asking the camera for a picture
        </p>
      ) : result.ok ? (
        <Passed profiles={result.profiles} elapsedMs={result.elapsedMs} />
      ) : (
        <Failed result={result} />
      )}
    </section>
  );
}

function Passed(props: { readonly profiles: readonly CameraProfile[]; readonly elapsedMs: number }) {
  return (
    <>
      <p className="flex items-center gap-2 font-medium">
        <StateMark shape="dot" tone="good" /> The camera sends pictures
        <span className="font-normal text-faint">after {Math.round(props.elapsedMs)} ms</span>
      </p>
      <ul className="mt-1 ml-5">
        {props.profiles.map((profile) => (
          <li key={profile.name} className="text-muted">
            <span className="inline-block w-12 text-text">{profile.name}</span>
            {[profile.codec ?? 'codec not known', formatPicture(profile)].filter(Boolean).join(' · ')}
          </li>
        ))}
      </ul>
    </>
  );
}

const MARKS = {
  passed: { shape: 'dot', tone: 'good', word: 'worked' },
  failed: { shape: 'cross', tone: 'bad', word: 'failed' },
  'not-reached': { shape: 'ring', tone: 'none', word: 'not reached' },
} as const;

function Failed({ result }: { readonly result: Extract<ProbeResult, { ok: false }> }) {
  return (
    <>
      <p className="font-medium">{REASON_TEXT[result.code]}</p>
      <p className="text-muted">{furtherDetail(result.code, result.detail)}</p>
      <ol className="mt-2">
        {probeSteps(result).map(({ name, outcome }) => (
          <li
            key={name}
            className={classNames(
              'flex items-center gap-2',
              outcome === 'failed' ? 'text-text' : 'text-faint',
            )}
          >
            <StateMark shape={MARKS[outcome].shape} tone={MARKS[outcome].tone} className="size-2.5" />
            {name}
            <span className="sr-only">, {MARKS[outcome].word}</span>
          </li>
        ))}
      </ol>
      <p className="mt-2 font-mono text-2xs text-faint">
        {result.code} · step {result.step} · {Math.round(result.elapsedMs)} ms
      </p>
    </>
  );
}
