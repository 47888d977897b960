import { useQueryClient } from '@tanstack/react-query';
import type { Camera, CameraCreated, Problem } from '@vedette/contracts';
import { type FormEvent, useRef, useState } from 'react';
import type { ApiResult } from '../../api/api-result.ts';
import { fieldErrors, isFieldProblem } from '../../api/field-errors.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useFocusInvalid } from '../../ui/use-focus-invalid.ts';
import { CameraFields, SHOWN_FIELDS } from './camera-fields.tsx';
import { type CameraForm, changeOf, formOf, inputOf, isSourceChanged, sourceOf } from './camera-form.ts';
import { canBeTested } from './camera-kinds.ts';
import { EncoderDialog } from './encoder-dialog.tsx';
import { ProbeReport } from './probe-report.tsx';
import { useProbe } from './use-probe.ts';

/** Adds a camera, or changes the one given. */
export function CameraFormDialog(props: {
  readonly camera?: Camera;
  /** What is known of a new one already. */
  readonly start?: Partial<CameraForm>;
  readonly onClose: () => void;
  readonly onSaved: (camera: Camera) => void;
}) {
  const { camera } = props;
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [form, setForm] = useState(() => ({ ...formOf(camera), ...props.start }));
  const [told, setTold] = useState<{ readonly camera: Camera; readonly password: string }>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const probe = useProbe();
  const element = useRef<HTMLFormElement>(null);
  useFocusInvalid(element, problem);
  const shownProblem = problem ?? (probe.problem && ofTheForm(probe.problem));

  const change = (part: Partial<typeof form>) => {
    setForm((old) => ({ ...old, ...part }));
    probe.forget();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    const result: ApiResult<CameraCreated> =
      camera === undefined
        ? await api.addCamera(inputOf(form))
        : await api.changeCamera(camera.id, changeOf(camera, form));
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    toasts.done(camera === undefined ? `${result.value.name} added.` : `${result.value.name} saved.`);
    void queries.invalidateQueries({ queryKey: queryKeys.cameras });
    const { publishPassword: password, ...saved } = result.value;
    if (password === undefined) props.onSaved(saved);
    else setTold({ camera: saved, password });
  };
  const test = () => {
    setProblem(undefined);
    // A camera as it is kept is tested with its stored password, which this page does not know.
    if (camera !== undefined && !isSourceChanged(camera, form))
      void probe.run((signal) => api.probeCamera(camera.id, signal));
    else void probe.run((signal) => api.probeSource(sourceOf(form), signal));
  };

  if (told !== undefined) return <EncoderDialog {...told} onClose={() => props.onSaved(told.camera)} />;
  return (
    <Dialog
      title={camera === undefined ? 'Add camera' : `Edit ${camera.name}`}
      onClose={props.onClose}
      keepOpen
      testId="camera-form"
      footer={
        <>
          {canBeTested(form.kind) ? (
            <Button onClick={test} busy={probe.busy} data-testid="camera-probe" className="mr-auto">
              {probe.busy ? 'Testing' : 'Test connection'}
            </Button>
          ) : (
            <p className="mr-auto text-xs text-faint">
              {form.kind === 'publish' ? 'Checked when it first sends.' : 'Checked when first watched.'}
            </p>
          )}
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form="camera-form" busy={busy} data-testid="camera-save">
            {camera === undefined ? 'Add camera' : 'Save'}
          </Button>
        </>
      }
    >
      <form ref={element} id="camera-form" onSubmit={(event) => void save(event)} noValidate>
        <CameraFields
          form={form}
          errors={fieldErrors(shownProblem)}
          hasPassword={camera?.source.hasPassword === true}
          withEncoder={camera === undefined || camera.source.kind === 'publish'}
          onChange={change}
        />
      </form>
      {shownProblem !== undefined && !isFieldProblem(shownProblem, SHOWN_FIELDS) && (
        <ProblemNote problem={shownProblem} className="mt-2" />
      )}
      {(probe.busy || probe.result !== undefined) && <ProbeReport result={probe.result} className="mt-2" />}
    </Dialog>
  );
}

/** A test sends the source alone, so its problems name `url`; here the field is `source.url`. */
function ofTheForm(problem: Problem): Problem {
  const fields = problem.fields?.map(({ path, message }) => ({
    path: path.startsWith('source.') ? path : `source.${path}`,
    message,
  }));
  return fields === undefined ? problem : { ...problem, fields };
}
