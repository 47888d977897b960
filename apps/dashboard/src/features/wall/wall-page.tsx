// Where an operator sits. In: who is signed in, what this browser remembers. Out: tiles that begin to play with the
// first paint, before any list has come. Leaving the page stops them.
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { unwrap } from '../../api/api-result.ts';
import { useCameraList } from '../../api/queries.ts';
import { useServices, useSession } from '../../api/services.ts';
import type { Person } from '../../api/session-store.ts';
import { useToasts } from '../../shell/chrome.ts';
import { may } from '../../shell/permissions.ts';
import { useFullScreen } from '../../shell/use-full-screen.ts';
import { CameraList } from './camera-list.tsx';
import { useCameraNames } from './use-camera-names.ts';
import { useKeptFlag } from './use-kept-flag.ts';
import { useWall } from './use-wall.ts';
import { useWallKeys } from './use-wall-keys.ts';
import { WallAnnouncer } from './wall-announcer.tsx';
import { WallGrid } from './wall-grid.tsx';
import { WallSignals } from './wall-signals.ts';
import { wallQuery } from './wall-storage.ts';
import { WallToolbar } from './wall-toolbar.tsx';

const FILL_FROM = 100;

export default function WallPage() {
  const session = useSession();
  if (session.status === 'signed-out' || session.person === null) return null;
  // Who may not watch has nothing to look for here: an auditor begins with the cameras there are.
  if (!may(session.person, 'view.watch')) return <Navigate to="/cameras" replace />;
  return <Wall person={session.person} />;
}

function Wall({ person }: { readonly person: Person }) {
  const { api, events } = useServices();
  const toasts = useToasts();
  const search = useSearch({ from: '/' });
  const navigate = useNavigate();
  const { state, dispatch, isFirstVisit, isBorrowed } = useWall(person.id, search);
  const [signals] = useState(() => new WallSignals());
  const [showFigures, setShowFigures] = useKeptFlag('vedette.figures', false);
  const [listOpen, setListOpen] = useKeptFlag('vedette.camera-list', true);
  const fullScreen = useFullScreen();
  const list = useCameraList('');
  const known = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);

  useCameraNames(state, dispatch, known);

  // Once changed, the wall is this browser's own and the link in the address is no longer true.
  const linkIsOver = search.cameras !== undefined && !isBorrowed;
  useEffect(() => {
    if (linkIsOver) void navigate({ to: '/', search: {}, replace: true });
  }, [linkIsOver, navigate]);

  const [greeted, setGreeted] = useState(!isFirstVisit);
  useEffect(() => {
    if (known === undefined || greeted) return;
    setGreeted(true);
    dispatch({ type: 'fill', cameras: known });
  }, [known, greeted, dispatch]);

  useEffect(
    () =>
      events.onEvent((event) => {
        if (event.type === 'camera.deleted') dispatch({ type: 'forget', cameraId: event.cameraId });
      }),
    [events, dispatch],
  );

  const fill = async () => {
    try {
      const page = unwrap(await api.cameras({ limit: FILL_FROM }));
      dispatch({ type: 'fill', cameras: page.items });
    } catch (error) {
      toasts.thrown(error);
    }
  };
  const copyLink = async () => {
    const link = `${location.origin}/?${wallQuery(state)}`;
    try {
      await navigator.clipboard.writeText(link);
      toasts.done('Link to this wall copied.');
    } catch {
      toasts.done(link);
    }
  };
  useWallKeys({
    state,
    dispatch,
    signals,
    onFill: () => void fill(),
    onFigures: () => setShowFigures(!showFigures),
    onFullScreen: fullScreen.toggle,
    onList: () => setListOpen(!listOpen),
    onSearch: () => {
      setListOpen(true);
      requestAnimationFrame(() => document.getElementById('camera-search')?.focus());
    },
  });

  return (
    <main data-testid="wall" data-layout={state.layout} className="flex h-full min-h-0">
      <title>Wall · Vedette</title>
      <h1 className="sr-only">Wall</h1>
      <WallAnnouncer signals={signals} slots={state.slots} />
      <div className="flex min-w-0 flex-1 flex-col">
        {!fullScreen.on && (
          <WallToolbar
            state={state}
            dispatch={dispatch}
            signals={signals}
            showFigures={showFigures}
            onFigures={setShowFigures}
            listOpen={listOpen}
            onList={setListOpen}
            onFill={() => void fill()}
            onCopyLink={() => void copyLink()}
            onFullScreen={fullScreen.toggle}
          />
        )}
        <WallGrid state={state} dispatch={dispatch} signals={signals} showFigures={showFigures} />
      </div>
      {listOpen && !fullScreen.on && <CameraList state={state} dispatch={dispatch} />}
    </main>
  );
}
