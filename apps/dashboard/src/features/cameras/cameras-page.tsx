import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { CameraId } from '@vedette/contracts';
import { Cctv, FileUp, type LucideIcon, Plus, Radar, Search } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useCameraList } from '../../api/queries.ts';
import type { CameraFilter } from '../../api/vedette-api.ts';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { CameraDrawer } from './camera-drawer.tsx';
import { CameraFilters } from './camera-filters.tsx';
import { CameraFormDialog } from './camera-form-dialog.tsx';
import { CameraTable } from './camera-table.tsx';

/** Every camera there is; the search and the open camera stand in the address. */
export default function CamerasPage() {
  const search = useSearch({ from: '/cameras' });
  const navigate = useNavigate({ from: '/cameras' });
  const mayChange = useMay('camera.write');
  const mayFind = useMay('camera.discover');
  const [adding, setAdding] = useState(false);
  const [typed, setTyped] = useState(search.q ?? '');
  const q = useSettled(typed.trim(), 200);
  useEffect(() => {
    void navigate({ search: (old) => ({ ...old, q: q === '' ? undefined : q }), replace: true });
  }, [q, navigate]);
  const { group, site, tag } = search;
  const list = useCameraList(q, { site, group, tag });
  const isFiltered = site !== undefined || group !== undefined || tag !== undefined;
  const filter = (part: CameraFilter) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const cameras = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const open = (id: CameraId | undefined) => void navigate({ search: (old) => ({ ...old, camera: id }) });
  useShortcuts({
    '/': () => document.getElementById('cameras-search')?.focus(),
    ...(mayChange ? { n: () => setAdding(true) } : {}),
    ...(mayFind ? { d: () => void navigate({ to: '/cameras/find' }) } : {}),
  });
  const findButton = mayFind && (
    <WayTo to="/cameras/find" icon={Radar} label="Find cameras" testId="camera-find" />
  );
  const importButton = mayChange && (
    <WayTo to="/cameras/import" icon={FileUp} label="Import" testId="camera-import" />
  );
  const addButton = mayChange && (
    <Button kind="primary" icon={Plus} onClick={() => setAdding(true)} data-testid="camera-add">
      Add camera
    </Button>
  );

  return (
    <Page
      title="Cameras"
      testId="cameras"
      summary={cameras !== undefined && `${cameras.length}${list.hasNextPage ? '+' : ''}`}
      actions={
        <>
          <CameraFilters filter={search} cameras={cameras ?? []} onFilter={filter} />
          <label className="flex h-8 w-56 items-center gap-2 rounded-md border border-field-line bg-surface px-2.5 focus-within:outline-2 focus-within:outline-accent">
            <Search aria-hidden className="size-4 shrink-0 text-faint" strokeWidth={1.75} />
            <input
              id="cameras-search"
              type="search"
              aria-label="Search cameras"
              placeholder="Name or address"
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              className="min-w-0 flex-1 bg-transparent outline-none placeholder:text-faint"
              data-testid="cameras-search"
            />
          </label>
          {importButton}
          {findButton}
          {addButton}
        </>
      }
    >
      <LoadState query={{ data: cameras, error: list.error, refetch: list.refetch }}>
        {(found) =>
          found.length > 0 ? (
            <CameraTable
              onTag={(wanted) => filter({ tag: wanted })}
              cameras={found}
              onEnd={() => {
                if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
              }}
            />
          ) : q === '' && !isFiltered ? (
            <EmptyState
              icon={Cctv}
              title="No cameras yet"
              testId="cameras-empty"
              action={
                <>
                  {importButton}
                  {findButton}
                  {addButton}
                </>
              }
            >
              <p>
                {mayChange
                  ? 'Find those that are on your networks, import a list, or add one by its address.'
                  : 'An administrator adds them, or gives you some.'}
              </p>
            </EmptyState>
          ) : (
            <EmptyState
              icon={Search}
              title={q === '' ? 'No camera fits' : `No camera matches “${q}”`}
              action={
                <Button
                  onClick={() => {
                    setTyped('');
                    filter({ site: undefined, group: undefined, tag: undefined });
                  }}
                >
                  {isFiltered ? 'Clear search and filters' : 'Clear search'}
                </Button>
              }
            />
          )
        }
      </LoadState>
      {search.camera !== undefined && (
        <CameraDrawer id={search.camera as CameraId} onClose={() => open(undefined)} />
      )}
      {adding && <CameraFormDialog onClose={() => setAdding(false)} onSaved={() => setAdding(false)} />}
    </Page>
  );
}

/** A page that adds cameras, as a button. */
function WayTo(props: {
  readonly to: '/cameras/find' | '/cameras/import';
  readonly icon: LucideIcon;
  readonly label: string;
  readonly testId: string;
}) {
  const Icon = props.icon;
  return (
    <Link
      to={props.to}
      className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-md border border-line-strong bg-raised px-3 text-sm hover:bg-hover"
      data-testid={props.testId}
    >
      <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      {props.label}
    </Link>
  );
}
