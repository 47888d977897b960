import type { Role } from '@vedette/contracts';

/** The roles in the order of what they may do. */
export const ROLES: readonly { readonly value: Role; readonly label: string; readonly may: string }[] = [
  { value: 'viewer', label: 'Viewer', may: 'Watches cameras.' },
  { value: 'operator', label: 'Operator', may: 'Watches, and sees who watches what, and why.' },
  { value: 'auditor', label: 'Auditor', may: 'Reads what was done, and watches nothing.' },
  { value: 'site-admin', label: 'Site administrator', may: 'Looks after the cameras of their sites.' },
  { value: 'admin', label: 'Administrator', may: 'Everything: cameras, people and rules.' },
];
