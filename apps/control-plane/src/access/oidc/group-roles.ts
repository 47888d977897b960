import { Role } from '@vedette/contracts';

export interface GroupRole {
  readonly group: string;
  readonly role: Role;
}

/** The setting OIDC_ROLES: `group=role`, the first that fits wins. Throws Error naming the entry that is none. */
export function parseGroupRoles(entries: readonly string[]): readonly GroupRole[] {
  return entries.map((entry) => {
    const at = entry.lastIndexOf('=');
    const role = Role.safeParse(entry.slice(at + 1).trim());
    const group = entry.slice(0, Math.max(0, at)).trim();
    if (group === '' || !role.success)
      throw new Error(`${entry}: must be group=role, with one of ${Role.options.join(', ')}`);
    return { group, role: role.data };
  });
}

/** What somebody in these groups may be; undefined: nothing here. */
export function roleOf(groups: readonly string[], mapping: readonly GroupRole[]): Role | undefined {
  return mapping.find(({ group }) => groups.includes(group))?.role;
}

/** The claim as providers write it: a list, one group, or a list in one text. */
export function groupsOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(/[\s,]+/).filter((group) => group !== '');
  return Array.isArray(claim) ? claim.filter((group) => typeof group === 'string') : [];
}
