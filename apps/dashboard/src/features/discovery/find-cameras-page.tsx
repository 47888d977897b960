import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { CameraId, Discovery, DiscoveryRequest, FoundDevice, Problem } from '@vedette/contracts';
import { ArrowLeft, Radar, SearchX } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { problemOf } from '../../api/api-result.ts';
import { useDiscovery, useDiscoveryPlaces, useEveryCamera } from '../../api/queries.ts';
import { useApi } from '../../api/services.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { useMay } from '../../shell/use-may.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
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
import { PlacesForm } from './places-form.tsx';
import { SearchProgress } from './search-progress.tsx';
import { useAdding } from './use-adding.ts';

/** Looks for devices on the network and adds those that are wanted. */
export default function FindCamerasPage() {
  return useMay('cameras.change') ? <FindCameras /> : <NoPermissionPage />;
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

function NothingFound(props: {
  readonly search: Discovery | undefined;
  readonly isGone: boolean;
  readonly isFiltered: boolean;
}) {
  const { search } = props;
  if (props.isGone)
    return (
      <EmptyState icon={SearchX} title="The search is gone" testId="discovery-gone">
        <p>Control was restarted, and does not remember it. Start it again.</p>
      </EmptyState>
    );
  if (props.isFiltered)
    return (
      <EmptyState icon={Radar} title="Nothing new" testId="discovery-nothing-new">
        <p>Every device that answered is a camera already.</p>
      </EmptyState>
    );
  switch (search?.state) {
    case undefined:
      return (
        <EmptyState icon={Radar} title="Find cameras on your networks" testId="discovery-idle">
          <p>
            Choose where to look, and start. What answers is listed here; nothing is added before you say so.
          </p>
        </EmptyState>
      );
    case 'running':
      return (
        <EmptyState icon={Radar} title="Asking who is there" testId="discovery-running">
          <p>Cameras answer within a few seconds.</p>
        </EmptyState>
      );
    case 'done':
      return (
        <EmptyState icon={SearchX} title="Nothing answered" testId="discovery-nothing">
          <p>
            Cameras behind a router, or with discovery switched off, do not answer: try their range of
            addresses, or add them by their address.
          </p>
        </EmptyState>
      );
    case 'cancelled':
      return (
        <EmptyState icon={SearchX} title="The search was called off" testId="discovery-cancelled">
          <p>Nothing had answered until then.</p>
        </EmptyState>
      );
  }
}

/** One search at a time: begun, followed, called off; leaving the page calls it off too. */
function useSearching() {
  const api = useApi();
  const [begun, setBegun] = useState<Discovery>();
  const [starting, setStarting] = useState(false);
  const [startProblem, setStartProblem] = useState<Problem>();
  const query = useDiscovery(begun?.id);
  const id = begun?.id;
  useEffect(
    () => () => {
      if (id !== undefined) void api.cancelDiscovery(id);
    },
    [api, id],
  );
  const problem = query.error === null ? undefined : problemOf(query.error);
  const isGone = problem?.code === 'not_found';
  const current = isGone ? undefined : (query.data ?? begun);
  return {
    current,
    isGone,
    problem: isGone ? undefined : problem,
    starting,
    startProblem,
    start: async (request: DiscoveryRequest) => {
      setStarting(true);
      setStartProblem(undefined);
      const result = await api.beginDiscovery(request);
      setStarting(false);
      if (result.ok) setBegun(result.value);
      else setStartProblem(result.problem);
      return result.ok;
    },
    cancel: () => {
      if (id === undefined) return;
      void api.cancelDiscovery(id).then(() => query.refetch());
    },
  };
}
