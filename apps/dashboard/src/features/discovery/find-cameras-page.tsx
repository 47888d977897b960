import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { CameraId, DiscoveryRequest, FoundDevice } from '@vedette/contracts';
import { ArrowLeft } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useDiscoveryPlaces, useEveryCamera } from '../../api/queries.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { useMay } from '../../shell/use-may.ts';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { CameraDrawer } from '../cameras/camera-drawer.tsx';
import { CameraFormDialog } from '../cameras/camera-form-dialog.tsx';
import { bracketed } from '../cameras/source-address.ts';
import { AddBar } from './add-bar.tsx';
import { FoundTable } from './found-table.tsx';
import { deviceKey, deviceName } from './found-words.ts';
import { withKnownCameras } from './known-devices.ts';
import { NothingFound } from './nothing-found.tsx';
import { PlacesForm } from './places-form.tsx';
import { SearchProgress } from './search-progress.tsx';
import { useAdding } from './use-adding.ts';
import { useSearching } from './use-searching.ts';

/** Looks for devices on the network and adds those that are wanted. */
export default function FindCamerasPage() {
  return useMay('camera.discover') ? <FindCameras /> : <NoPermissionPage />;
}

function FindCameras() {
  const { camera } = useSearch({ from: '/cameras/find' });
  const navigate = useNavigate({ from: '/cameras/find' });
  const places = useDiscoveryPlaces();
  const cameras = useEveryCamera();
  const search = useSearching();
  const adding = useAdding();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [byAddress, setByAddress] = useState<FoundDevice>();
  const [hidesKnown, setHidesKnown] = useState(false);
  const found = search.current?.found;
  const all = useMemo(() => withKnownCameras(found ?? [], cameras), [found, cameras]);
  // What was just added stays in view, with what becomes of it.
  const isNew = (device: FoundDevice) => device.known.length === 0 || adding.results.has(deviceKey(device));
  const devices = hidesKnown ? all.filter(isNew) : all;
  const isSelectable = (device: FoundDevice) => {
    const step = adding.results.get(deviceKey(device))?.step;
    return device.kind === 'onvif' && device.known.length === 0 && step !== 'added' && step !== 'waiting';
  };
  const start = (request: DiscoveryRequest) => {
    void search.start(request).then((begun) => {
      if (!begun) return;
      setSelected(new Set());
      adding.forget();
    });
  };
  const running = search.current?.state === 'running';
  useShortcuts(running ? { Escape: search.cancel } : {});
  const chosen = devices.filter((device) => selected.has(deviceKey(device)) && isSelectable(device));

  return (
    <Page
      title="Find cameras"
      testId="find-cameras"
      actions={
        <Link
          to="/cameras"
          className="inline-flex h-8 items-center gap-1.5 rounded-md px-3 text-sm text-muted hover:bg-hover hover:text-text"
        >
          <ArrowLeft aria-hidden className="size-4" strokeWidth={1.75} />
          All cameras
        </Link>
      }
    >
      <div className="flex h-full min-h-0">
        <aside className="w-80 shrink-0 overflow-y-auto border-r bg-surface px-6 py-5">
          <LoadState query={places}>
            {(found) => (
              <PlacesForm
                places={found}
                running={running}
                starting={search.starting}
                problem={search.startProblem}
                onStart={start}
                onCancel={search.cancel}
              />
            )}
          </LoadState>
        </aside>
        <section aria-label="Found devices" className="flex min-w-0 flex-1 flex-col">
          {search.current !== undefined && (
            <SearchProgress
              search={search.current}
              known={all.filter((device) => !isNew(device)).length}
              hidesKnown={hidesKnown}
              onHideKnown={setHidesKnown}
            />
          )}
          {search.problem !== undefined && (
            <ProblemNote problem={search.problem} className="mx-6 mt-4 max-w-2xl shrink-0" />
          )}
          <div className="min-h-0 flex-1">
            {devices.length > 0 ? (
              <FoundTable
                devices={devices}
                cameras={cameras}
                results={adding.results}
                selected={selected}
                isSelectable={isSelectable}
                onSelect={(keys, wanted) =>
                  setSelected((old) => {
                    const next = new Set(old);
                    for (const key of keys)
                      if (wanted) next.add(key);
                      else next.delete(key);
                    return next;
                  })
                }
                onByAddress={setByAddress}
              />
            ) : (
              search.problem === undefined && (
                <NothingFound search={search.current} isGone={search.isGone} isFiltered={all.length > 0} />
              )
            )}
          </div>
          {devices.some(isSelectable) && (
            <AddBar
              selected={chosen.length}
              busy={adding.busy}
              onAdd={(credentials) => {
                setSelected(new Set());
                void adding.add(chosen, credentials);
              }}
            />
          )}
        </section>
      </div>
      {camera !== undefined && (
        <CameraDrawer id={camera as CameraId} onClose={() => void navigate({ search: {}, replace: true })} />
      )}
      {byAddress !== undefined && (
        <CameraFormDialog
          start={{
            name: deviceName(byAddress),
            kind: 'rtsp',
            url: `rtsp://${bracketed(byAddress.host)}:${byAddress.port}/`,
          }}
          onClose={() => setByAddress(undefined)}
          onSaved={() => setByAddress(undefined)}
        />
      )}
    </Page>
  );
}
