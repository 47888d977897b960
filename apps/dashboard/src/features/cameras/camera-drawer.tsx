import { useQueryClient } from '@tanstack/react-query';
import type { Camera, CameraId } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import { useState } from 'react';
import { useCamera } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi, useCameraHealth } from '../../api/services.ts';
import { formatPicture } from '../../format/format-picture.ts';
import { useToasts } from '../../shell/chrome.ts';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { cameraStateWords } from '../../ui/camera-state-words.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { furtherDetail } from '../../ui/further-detail.ts';
import { LoadState } from '../../ui/load-state.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { CameraFormDialog } from './camera-form-dialog.tsx';
import { CameraHistory } from './camera-history.tsx';
import { canBeTested } from './camera-kinds.ts';
import { CameraViewers } from './camera-viewers.tsx';
import { Fact, Facts } from './facts.tsx';
import { OfferedStreams } from './offered-streams.tsx';
import { OrganisationFacts } from './organisation-facts.tsx';
import { ProbeReport } from './probe-report.tsx';
import { SourceFacts } from './source-facts.tsx';
import { useProbe } from './use-probe.ts';
import { WhoWatched } from './who-watched.tsx';

/** One camera: state and why, what it sends, what it is, who watches. */
export function CameraDrawer({ id, onClose }: { readonly id: CameraId; readonly onClose: () => void }) {
  const query = useCamera(id);
  return (
    <Dialog title={query.data?.name ?? 'Camera'} shape="drawer" onClose={onClose} testId="camera-drawer">
      <LoadState query={query}>{(camera) => <Details camera={camera} onGone={onClose} />}</LoadState>
    </Dialog>
  );
}

function Details({ camera, onGone }: { readonly camera: Camera; readonly onGone: () => void }) {
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const mayChange = useMay('camera.write');
  const maySeeViewers = useMay('session.read');
  const mayAudit = useMay('audit.read');
  const health = useCameraHealth(camera.id);
  const { state, reason } = health ?? camera;
  const { word, tone, shape } = cameraStateWords(state, reason);
  const [asking, setAsking] = useState<'edit' | 'delete'>();
  const probe = useProbe();
  const { device } = camera;
  return (
    <div className="flex flex-col gap-6">
      <section>
        <p className="flex items-center gap-2 text-base font-semibold">
          <StateMark shape={shape} tone={tone} className="size-3.5" />
          {word}
        </p>
        <p className="text-muted">{REASON_TEXT[reason]}</p>
        <p className="text-muted">{furtherDetail(reason, health?.detail ?? null)}</p>
        <p className="mt-1 font-mono text-2xs text-faint">{reason}</p>
        {mayChange && (
          <div className="mt-3 flex gap-2">
            <Button onClick={() => setAsking('edit')} data-testid="camera-edit">
              Edit
            </Button>
            {canBeTested(camera.source.kind) && (
              <Button
                busy={probe.busy}
                onClick={() => void probe.run((signal) => api.probeCamera(camera.id, signal))}
                data-testid="camera-probe-saved"
              >
                Test connection
              </Button>
            )}
            <Button
              kind="danger"
              className="ml-auto"
              onClick={() => setAsking('delete')}
              data-testid="camera-delete"
            >
              Delete
            </Button>
          </div>
        )}
        {(probe.busy || probe.result !== undefined) && <ProbeReport result={probe.result} className="mt-3" />}
        {probe.problem !== undefined && <ProblemNote problem={probe.problem} className="mt-3" />}
      </section>
      <SourceFacts camera={camera} />
      <OrganisationFacts camera={camera} />
      <Facts title="Streams">
        {camera.profiles.length === 0 && (
          <p className="col-span-2 text-faint">Not known until the camera has been asked.</p>
        )}
        {camera.profiles.map((profile) => (
          <Fact key={profile.name} name={profile.name}>
            {[profile.codec, formatPicture(profile)].filter(Boolean).join(' · ') || 'not seen yet'}
          </Fact>
        ))}
      </Facts>
      {mayChange && camera.source.kind === 'onvif' && <OfferedStreams id={camera.id} />}
      <CameraHistory id={camera.id} />
      {camera.outputs.length > 0 && (
        <Facts title="Sent elsewhere, all the time">
          {camera.outputs.map(({ id, url, via }) => (
            <Fact key={id} name={via.toUpperCase()}>
              <span className="break-all select-text">{url}</span>
            </Fact>
          ))}
        </Facts>
      )}
      {device !== null && (
        <Facts title="Device">
          <Fact name="Make">{device.manufacturer}</Fact>
          <Fact name="Model">{device.model}</Fact>
          <Fact name="Firmware">{device.firmware}</Fact>
          <Fact name="Serial">{device.serial}</Fact>
        </Facts>
      )}
      {maySeeViewers && <CameraViewers id={camera.id} />}
      {mayAudit && <WhoWatched id={camera.id} />}
      <Facts title="Record">
        <Fact name="Id">
          <span className="font-mono text-xs select-text">{camera.id}</span>
        </Fact>
        <Fact name="Added">{new Date(camera.createdAt).toLocaleString()}</Fact>
        <Fact name="Changed">{new Date(camera.updatedAt).toLocaleString()}</Fact>
      </Facts>
      {asking === 'edit' && (
        <CameraFormDialog
          camera={camera}
          onClose={() => setAsking(undefined)}
          onSaved={() => setAsking(undefined)}
        />
      )}
      {asking === 'delete' && (
        <ConfirmDialog
          title={`Delete ${camera.name}?`}
          action="Delete camera"
          run={() => api.deleteCamera(camera.id)}
          onCancel={() => setAsking(undefined)}
          onDone={() => {
            toasts.done(`${camera.name} deleted.`);
            queries.removeQueries({ queryKey: queryKeys.camera(camera.id) });
            void queries.invalidateQueries({ queryKey: queryKeys.cameras });
            onGone();
          }}
        >
          <p>Whoever is watching it now loses the picture. Its address and password are forgotten.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
