import { useQueryClient } from '@tanstack/react-query';
import type { CameraId, CameraProfiles, ProfileChoice } from '@vedette/contracts';
import { useState } from 'react';
import { useCameraProfiles } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { formatPicture } from '../../format/format-picture.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { EditDialog } from '../../ui/edit-dialog.tsx';
import { SelectField } from '../../ui/field.tsx';

type Offered = CameraProfiles['offered'][number];

/** What an ONVIF camera offers, which of it is used, and the way to choose otherwise. */
export function OfferedStreams({ id }: { readonly id: CameraId }) {
  const { data } = useCameraProfiles(id);
  const [choosing, setChoosing] = useState(false);
  if (data === undefined || data.readAt === null) return null;
  const { capabilities, clockSkewSeconds, isByHand, offered } = data;
  const can = capabilities === null ? [] : CAPABILITIES.filter(([name]) => capabilities[name]);
  return (
    <section data-testid="offered-streams">
      <h3 className="mb-1.5 text-xs font-semibold text-faint">What the camera offers</h3>
      <ul className="border-t pt-2">
        {offered.map((profile) => (
          <li key={profile.token} className="flex gap-3 py-0.5">
            <span className="min-w-0 flex-1 truncate" title={profile.token}>
              {pictureWords(profile)}
            </span>
            <span className={profile.use === null ? 'text-faint' : ''}>{profile.use ?? 'not used'}</span>
          </li>
        ))}
        {offered.length === 0 && <li className="text-faint">Nothing that is known.</li>}
      </ul>
      {can.length > 0 && <p className="mt-1 text-muted">Can: {can.map(([, words]) => words).join(', ')}.</p>}
      {clockSkewSeconds !== null && Math.abs(clockSkewSeconds) >= 5 && (
        <p className="mt-1 text-warn">
          Its clock is {Math.abs(Math.round(clockSkewSeconds))} s {clockSkewSeconds > 0 ? 'ahead' : 'behind'}.
        </p>
      )}
      {offered.length > 1 && (
        <p className="mt-2 flex items-center gap-3">
          <Button onClick={() => setChoosing(true)} data-testid="streams-choose">
            Choose streams
          </Button>
          <span className="text-faint">{isByHand ? 'Chosen by hand.' : 'Chosen by Vedette.'}</span>
        </p>
      )}
      {choosing && <ChoiceDialog id={id} profiles={data} onClose={() => setChoosing(false)} />}
    </section>
  );
}

const CAPABILITIES = [
  ['ptz', 'pan, tilt and zoom'],
  ['events', 'events'],
  ['analytics', 'analytics'],
  ['audio', 'sound'],
  ['media2', 'Media2'],
] as const;

function ChoiceDialog(props: {
  readonly id: CameraId;
  readonly profiles: CameraProfiles;
  readonly onClose: () => void;
}) {
  const { id, profiles } = props;
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const used = (use: 'main' | 'sub') => profiles.offered.find((one) => one.use === use)?.token ?? '';
  const [main, setMain] = useState(profiles.isByHand ? used('main') : '');
  const [sub, setSub] = useState(profiles.isByHand ? used('sub') : '');
  const streams = profiles.offered.map((one) => ({ value: one.token, label: pictureWords(one) }));
  const choice: ProfileChoice =
    main === '' ? { main: null, sub: null } : { main, sub: sub === '' ? null : sub };
  return (
    <EditDialog
      title="Choose streams"
      action="Save"
      fields={['main', 'sub']}
      save={() => api.chooseProfiles(id, choice)}
      onSaved={() => {
        toasts.done('Streams chosen. The camera is asked anew.');
        void queries.invalidateQueries({ queryKey: queryKeys.cameras });
        props.onClose();
      }}
      onClose={props.onClose}
      testId="streams-form"
    >
      {(errors) => (
        <>
          <SelectField
            label="Large, for one picture"
            value={main}
            options={[{ value: '', label: 'Vedette chooses' }, ...streams]}
            onValue={setMain}
            error={errors.get('main')}
            testId="streams-main"
          />
          {main !== '' && (
            <SelectField
              label="Small, for grids"
              value={sub}
              options={[{ value: '', label: 'None' }, ...streams.filter(({ value }) => value !== main)]}
              onValue={setSub}
              error={errors.get('sub')}
              testId="streams-sub"
            />
          )}
          <p className="text-muted">A choice by hand is kept as long as the camera offers it.</p>
        </>
      )}
    </EditDialog>
  );
}

function pictureWords(profile: Offered): string {
  const rate = profile.bitrateKbps === null ? undefined : `${Math.round(profile.bitrateKbps)} kbit/s`;
  return [profile.codec.toUpperCase(), formatPicture(profile), rate].filter(Boolean).join(' · ');
}
