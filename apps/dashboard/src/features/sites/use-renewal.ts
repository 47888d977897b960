import { useQueryClient } from '@tanstack/react-query';
import { queryKeys } from '../../api/query-keys.ts';
import { useToasts } from '../../shell/chrome.ts';

/** Says that something was done, and has whatever shows it asked for again. */
export function useRenewal(kind: 'sites' | 'groups' | 'recorders' | 'tenants'): (text: string) => void {
  const queries = useQueryClient();
  const toasts = useToasts();
  return (text) => {
    toasts.done(text);
    void queries.invalidateQueries({ queryKey: queryKeys[kind] });
    void queries.invalidateQueries({ queryKey: queryKeys.cameras });
  };
}
