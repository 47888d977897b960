import type { CameraId } from '@vedette/contracts';
import type { PlayerEnvironment } from '@vedette/player';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CameraHealth, CameraStates } from './camera-states.ts';
import type { LiveEvents } from './live-events.ts';
import type { SessionState, SessionStore } from './session-store.ts';
import type { VedetteApi } from './vedette-api.ts';

/** What main.tsx wires once and every component may ask for. */
export interface Services {
  readonly api: VedetteApi;
  readonly session: SessionStore;
  readonly events: LiveEvents;
  readonly states: CameraStates;
  /** What all players of this page share. */
  readonly player: PlayerEnvironment;
}

export const ServicesContext = createContext<Services | undefined>(undefined);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('a component outside of ServicesContext');
  return services;
}

export function useApi(): VedetteApi {
  return useServices().api;
}

export function useSession(): SessionState {
  const { session } = useServices();
  return useSyncExternalStore(
    (listener) => session.subscribe(listener),
    () => session.state,
  );
}

/** The latest known health of one camera; redraws only when that camera changes. */
export function useCameraHealth(id: CameraId | undefined): CameraHealth | undefined {
  const { states } = useServices();
  return useSyncExternalStore(
    (listener) => (id === undefined ? () => {} : states.subscribe(id, listener)),
    () => (id === undefined ? undefined : states.get(id)),
  );
}
