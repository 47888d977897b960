import { useCallback, useSyncExternalStore } from 'react';

/** The whole document goes full screen, so that dialogs, menus and messages still find their place. */
export function useFullScreen(): { readonly on: boolean; readonly toggle: () => void } {
  const on = useSyncExternalStore(subscribe, () => document.fullscreenElement !== null);
  const toggle = useCallback(() => {
    const change =
      document.fullscreenElement === null
        ? document.documentElement.requestFullscreen({ navigationUI: 'hide' })
        : document.exitFullscreen();
    // Refused where the browser or a policy forbids it; then everything stays as it is.
    change.catch(() => {});
  }, []);
  return { on, toggle };
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener);
  return () => document.removeEventListener('fullscreenchange', listener);
}
