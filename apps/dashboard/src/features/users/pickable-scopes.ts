import type { Camera, Grant, GrantScope, GroupView, SiteView } from '@vedette/contracts';

export interface PickableScope {
  readonly key: string;
  readonly scope: GrantScope;
  readonly name: string;
  readonly note: string;
}

const MOST = 12;

/** What fits what was typed and is not given yet: all, sites and groups before single cameras. */
export function pickable(of: {
  readonly typed: string;
  readonly sites: readonly Pick<SiteView, 'id' | 'name' | 'cameras'>[];
  readonly groups: readonly Pick<GroupView, 'id' | 'name' | 'cameras'>[];
  /** Found by control already. */
  readonly cameras: readonly Pick<Camera, 'id' | 'name'>[];
  readonly given: readonly Grant[];
}): readonly PickableScope[] {
  const wanted = of.typed.trim().toLowerCase();
  const fits = ({ name }: PickableScope) => name.toLowerCase().includes(wanted);
  const count = (cameras: number) => `${cameras} ${cameras === 1 ? 'camera' : 'cameras'}`;
  const every: PickableScope = { key: 'all', scope: { kind: 'all' }, name: 'Every camera', note: '' };
  const sites = of.sites.map(
    ({ id, name, cameras }): PickableScope => ({
      key: `site-${id}`,
      scope: { kind: 'site', id },
      name,
      note: `site, ${count(cameras)}`,
    }),
  );
  const groups = of.groups.map(
    ({ id, name, cameras }): PickableScope => ({
      key: `group-${id}`,
      scope: { kind: 'group', id },
      name,
      note: `group, ${count(cameras)}`,
    }),
  );
  const cameras = of.cameras.map(
    ({ id, name }): PickableScope => ({
      key: `camera-${id}`,
      scope: { kind: 'camera', id },
      name,
      note: 'camera',
    }),
  );
  const given = new Set(of.given.map(({ scope }) => scopeKey(scope)));
  return [...[every, ...sites, ...groups].filter(fits), ...cameras]
    .filter(({ key }) => !given.has(key))
    .slice(0, MOST);
}

export function scopeKey(scope: GrantScope): string {
  return scope.kind === 'all' ? 'all' : `${scope.kind}-${scope.id}`;
}
