import type { CameraRendition } from '@vedette/contracts';
import { CheckRow } from '../../ui/check-row.tsx';
import { type CameraForm, mayRender, withRendition } from './camera-form.ts';

const CHOICES: readonly {
  readonly profile: CameraRendition['profile'];
  readonly label: string;
  readonly hint: string;
  readonly otherwise: string;
}[] = [
  {
    profile: 'sub',
    label: 'Make a small stream for grids',
    hint: 'For a camera that has none of its own: 360 lines, 12 frames a second.',
    otherwise: 'Not needed: the camera has a small stream of its own.',
  },
  {
    profile: 'lite',
    label: 'Make a stream every browser plays',
    hint: 'H.264 without B-frames, 720 lines at most: for a camera that sends H.265 or odd codecs.',
    otherwise: '',
  },
];

/** The streams that are made of the main one. A radio station has no picture to make any of. */
export function RenditionFields(props: {
  readonly form: CameraForm;
  readonly error: string | undefined;
  readonly onChange: (part: Partial<CameraForm>) => void;
}) {
  const { form, error, onChange } = props;
  if (!CHOICES.some(({ profile }) => mayRender(form, profile))) return null;
  return (
    <fieldset className="mt-1 border-t pt-3">
      <legend className="sr-only">Streams made by the node</legend>
      {CHOICES.map(({ hint, label, otherwise, profile }) => {
        const isPossible = mayRender(form, profile);
        return (
          <CheckRow
            key={profile}
            label={label}
            hint={isPossible ? hint : otherwise}
            disabled={!isPossible}
            checked={isPossible && form.renditions.some((rendition) => rendition.profile === profile)}
            onChecked={(wanted) => onChange({ renditions: withRendition(form.renditions, profile, wanted) })}
            testId={`camera-rendition-${profile}`}
          />
        );
      })}
      {form.renditions.some(({ profile }) => mayRender(form, profile)) && (
        <p
          className="mt-1.5 rounded-md bg-warn-soft px-3 py-2 text-xs text-warn"
          data-testid="camera-rendition-cost"
        >
          Each costs the node a transcoder while somebody watches it: a good part of a processor core.
        </p>
      )}
      {error !== undefined && <p className="mt-1 text-xs text-bad">{error}</p>}
    </fieldset>
  );
}
