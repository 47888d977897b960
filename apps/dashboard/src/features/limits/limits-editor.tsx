import { useQueryClient } from '@tanstack/react-query';
import type { LimitsView, Problem } from '@vedette/contracts';
import { type FormEvent, useMemo, useRef, useState } from 'react';
import { fieldErrors } from '../../api/field-errors.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { OvertakenNote } from '../../ui/overtaken-note.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { useFocusInvalid } from '../../ui/use-focus-invalid.ts';
import { type LimitsForm, limitsFormOf, limitsOf, quotaSum } from './limits-form.ts';
import { QuotaGroups } from './quota-groups.tsx';

/** The limits as a form; saved as a whole, and never over what somebody else saved meanwhile. */
export function LimitsEditor(props: { readonly view: LimitsView; readonly mayChange: boolean }) {
  const { view } = props;
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const kept = useMemo(
    () => ({ version: view.version, value: limitsFormOf(view.limits) }),
    [view.version, view.limits],
  );
  const draft = useDraft<LimitsForm>(kept);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const errors = fieldErrors(problem);
  const element = useRef<HTMLFormElement>(null);
  useFocusInvalid(element, problem);
  const form = draft.value;
  const change = (part: Partial<LimitsForm>) => draft.set({ ...form, ...part });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !draft.isChanged) return;
    setBusy(true);
    const result = await api.rules.setLimits({ basedOn: draft.basedOn, limits: limitsOf(form) });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) {
      queries.setQueryData(queryKeys.limits, result.value);
      draft.saved({ version: result.value.version, value: limitsFormOf(result.value.limits) });
      toasts.done('Limits saved. They hold from the next start on.');
    } else if (result.problem.status === 409) void queries.invalidateQueries({ queryKey: queryKeys.limits });
  };
  const isConflict = draft.isOvertaken || problem?.status === 409;
  const shown = problem?.status === 409 || (problem?.fields ?? []).length > 0 ? undefined : problem;
  const number = (
    name: Exclude<keyof LimitsForm, 'quotaGroups'>,
    path: string,
    label: string,
    rest: object = {},
  ) => (
    <TextField
      label={label}
      inputMode="numeric"
      disabled={!props.mayChange}
      value={form[name]}
      onValue={(value) => change({ [name]: value })}
      error={errors.get(`limits.${path}`)}
      data-testid={`limit-${name}`}
      {...rest}
    />
  );
  return (
    <form ref={element} onSubmit={(event) => void save(event)} noValidate data-testid="limits-form">
      <h2 className="mb-2 text-base font-semibold">
        Limits
        <span className="ml-3 text-sm font-normal text-faint">
          {view.version === 0 ? 'as they come' : `version ${view.version}`}
        </span>
      </h2>
      <div className="border-t pt-4">
        <Group title="Views at once">
          {number('viewsPerUser', 'viewsPerUser', 'Of one person', { hint: 'In all their browsers.' })}
          {number('viewsPerToken', 'viewsPerToken', 'Of one API token')}
          {number('tenantViews', 'tenantViews', 'Of all together', {
            placeholder: 'no limit',
            hint: 'Empty: as many as the nodes bear.',
          })}
        </Group>
        <Group title="Viewers of one camera">
          {number('webrtc', 'camera.webrtc', 'By WebRTC')}
          {number('hls', 'camera.hls', 'By HLS')}
          {number('rtsp', 'camera.rtsp', 'By RTSP')}
        </Group>
        <QuotaGroups
          groups={form.quotaGroups}
          errors={errors}
          mayChange={props.mayChange}
          onChange={(quotaGroups) => change({ quotaGroups })}
        />
        {form.quotaGroups.length > 0 && (
          <div className="mt-3 w-60">
            {number('quotaTotal', 'quotaTotal', 'All groups together', {
              placeholder: `${quotaSum(form.quotaGroups)}, the sum`,
            })}
          </div>
        )}
      </div>
      {isConflict && (
        <OvertakenNote
          what="the limits"
          onStartOver={() => {
            setProblem(undefined);
            draft.startOver();
          }}
        />
      )}
      {shown !== undefined && <ProblemNote problem={shown} />}
      {props.mayChange && (
        <div className="mt-4 flex items-center gap-2">
          <Button
            kind="primary"
            type="submit"
            busy={busy}
            disabled={!draft.isChanged || isConflict}
            data-testid="limits-save"
          >
            Save limits
          </Button>
          {draft.isChanged && (
            <Button
              kind="quiet"
              onClick={() => {
                setProblem(undefined);
                draft.startOver();
              }}
            >
              Discard changes
            </Button>
          )}
        </div>
      )}
    </form>
  );
}

function Group(props: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <fieldset className="mb-2">
      <legend className="mb-1.5 text-xs font-semibold text-faint">{props.title}</legend>
      <div className="grid grid-cols-3 gap-x-3">{props.children}</div>
    </fieldset>
  );
}
