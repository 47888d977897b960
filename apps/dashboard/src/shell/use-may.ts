import { useSession } from '../api/services.ts';
import { may, type Permission } from './permissions.ts';

/** Whether whoever is signed in may do this; no while nobody is. */
export function useMay(permission: Permission): boolean {
  const session = useSession();
  if (session.status === 'signed-out' || session.person === null) return false;
  return may(session.person, permission);
}
