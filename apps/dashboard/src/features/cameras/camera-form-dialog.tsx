import { useQueryClient } from '@tanstack/react-query';
import type { Camera, Problem } from '@vedette/contracts';
import { type FormEvent, useState } from 'react';
import { fieldErrors, isFieldProblem } from '../../api/field-errors.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { CameraFields, SHOWN_FIELDS } from './camera-fields.tsx';
import { changeOf, formOf, inputOf, isSourceChanged, sourceOf } from './camera-form.ts';
import { ProbeReport } from './probe-report.tsx';
import { useProbe } from './use-probe.ts';

/** Adds a camera, or changes the one given. */
export function CameraFormDialog(props: {
  readonly camera?: Camera;
  readonly onClose: () => void;
  readonly onSaved: (camera: Camera) => void;
}) {
  const { camera } = props;
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [form, setForm] = useState(() => formOf(camera));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const probe = useProbe();
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
    const result =
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
    props.onSaved(result.value);
  };
  const test = () => {
    setProblem(undefined);
    // A camera as it is kept is tested with its stored password, which this page does not know.
    if (camera !== undefined && !isSourceChanged(camera, form))
      void probe.run((signal) => api.probeCamera(camera.id, signal));
    else void probe.run((signal) => api.probeSource(sourceOf(form), signal));
  };

  return (
    <Dialog
      title={camera === undefined ? 'Add camera' : `Edit ${camera.name}`}
      onClose={props.onClose}
      keepOpen
      testId="camera-form"
      footer={
        <>
          <Button onClick={test} busy={probe.busy} data-testid="camera-probe" className="mr-auto">
            {probe.busy ? 'Testing' : 'Test connection'}
          </Button>
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form="camera-form" busy={busy} data-testid="camera-save">
            {camera === undefined ? 'Add camera' : 'Save'}
          </Button>
        </>
      }
    >
      <form id="camera-form" onSubmit={(event) => void save(event)} noValidate>
        <CameraFields
          form={form}
          errors={fieldErrors(shownProblem)}
          hasPassword={camera?.source.hasPassword === true}
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
