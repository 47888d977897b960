import type { Role } from '@vedette/contracts';

/** The roles in the order of what they may do. */
export const ROLES: readonly { readonly value: Role; readonly label: string; readonly may: string }[] = [
  { value: 'viewer', label: 'Viewer', may: 'Watches cameras.' },
  { value: 'operator', label: 'Operator', may: 'Watches, and sees nodes and sessions.' },
  { value: 'admin', label: 'Administrator', may: 'Everything, cameras and users too.' },
];
