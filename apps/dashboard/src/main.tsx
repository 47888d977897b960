// Wires the page: the only place that makes services, knows the browser's own objects, and starts anything.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { Me } from '@vedette/contracts';
import { createPlayerEnvironment } from '@vedette/player';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { CameraStates } from './api/camera-states.ts';
import { HttpClient } from './api/http-client.ts';
import { LiveCache } from './api/live-cache.ts';
import { LiveEvents } from './api/live-events.ts';
import { ServicesContext } from './api/services.ts';
import { SessionStore } from './api/session-store.ts';
import { shouldRetry } from './api/should-retry.ts';
import { VedetteApi } from './api/vedette-api.ts';
import { createAppRouter, loadWall } from './router.tsx';
import { ChromeContext } from './shell/chrome.ts';
import { ShortcutStore } from './shell/shortcuts.ts';
import { ThemeStore } from './shell/theme.ts';
import { ToastStore } from './shell/toast-store.ts';
import './styles.css';

const browserFetch: typeof fetch = (input, init) => fetch(input, init);
const http: HttpClient = new HttpClient({
  fetch: browserFetch,
  csrfToken: (fresh) => session.csrfToken(fresh),
  // An answer may come late, to a call of the sign-in before: control is asked before anybody is sent away.
  onUnauthenticated: () => {
    if (session.state.status !== 'signed-out') void session.refresh();
  },
});
const session = new SessionStore({
  storage: localStorage,
  fetchMe: () => http.call<Me>('GET', '/api/v1/me', { anonymous: true }),
});
// Asked before anything is drawn: the tiles' first calls wait for the CSRF token that it brings.
void session.refresh();
const rememberedPerson = session.state.status === 'unknown' && session.state.person !== null;
if (rememberedPerson && location.pathname === '/') void loadWall();

const api = new VedetteApi({ http });
const states = new CameraStates();
const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: shouldRetry, staleTime: 5_000, refetchOnWindowFocus: false, refetchOnReconnect: true },
  },
});
const cache = new LiveCache({
  queries,
  states,
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
});
const events = new LiveEvents({
  openWorker: () =>
    new SharedWorker(new URL('./api/event-worker.ts', import.meta.url), {
      type: 'module',
      name: 'vedette-events',
    }),
  onRefused: () => void session.refresh(),
});
events.onEvent((event) => cache.apply(event));
events.onStatus(() => {
  if (events.status === 'connected' && events.connections > 1) cache.missed();
});

const followSession = () => {
  if (session.state.status === 'signed-in') events.connect();
  if (session.state.status === 'signed-out') {
    events.disconnect();
    queries.clear();
  }
};
session.subscribe(followSession);
followSession();
window.addEventListener('pagehide', () => events.leave());
window.addEventListener('online', followSession);
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) followSession();
});
// Another window of this browser signed in or out, which changes the cookie of this one as well.
window.addEventListener('storage', ({ key }) => {
  if (key === 'vedette.person') void session.refresh();
});

const chrome = {
  toasts: new ToastStore(),
  shortcuts: new ShortcutStore({ storage: localStorage }),
  theme: new ThemeStore({
    storage: localStorage,
    prefersLight: matchMedia('(prefers-color-scheme: light)'),
    apply: (theme) => {
      document.documentElement.dataset['theme'] = theme;
    },
  }),
};
const player = createPlayerEnvironment({ api: http });

const container = document.getElementById('root');
if (container === null) throw new Error('the page has no #root');
createRoot(container).render(
  <StrictMode>
    <ServicesContext value={{ api, session, events, states, player }}>
      <ChromeContext value={chrome}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={createAppRouter()} />
        </QueryClientProvider>
      </ChromeContext>
    </ServicesContext>
  </StrictMode>,
);
