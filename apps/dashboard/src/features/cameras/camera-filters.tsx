import type { Camera } from '@vedette/contracts';
import { useRef } from 'react';
import { useGroups, useSites } from '../../api/organisation-queries.ts';
import type { CameraFilter } from '../../api/vedette-api.ts';
import { classNames } from '../../ui/class-names.ts';

/** Narrows the list to a site, a group and a tag. A choice that there is nothing to choose from is not shown. */
export function CameraFilters(props: {
  readonly filter: CameraFilter;
  /** Those in the list, for their tags. */
  readonly cameras: readonly Camera[];
  readonly onFilter: (part: CameraFilter) => void;
}) {
  const { filter, onFilter } = props;
  const sites = useSites().data?.items ?? [];
  const groups = useGroups().data?.items ?? [];
  const seen = useRef(new Set<string>());
  for (const { tags } of props.cameras) for (const tag of tags) seen.current.add(tag);
  if (filter.tag !== undefined) seen.current.add(filter.tag);
  const tags = [...seen.current].sort().map((tag) => ({ id: tag, name: tag }));
  return (
    <>
      <Choice
        label="Site"
        all="All sites"
        items={sites}
        value={filter.site}
        onValue={(site) => onFilter({ site })}
      />
      <Choice
        label="Group"
        all="All groups"
        items={groups}
        value={filter.group}
        onValue={(group) => onFilter({ group })}
      />
      <Choice
        label="Tag"
        all="All tags"
        items={tags}
        value={filter.tag}
        onValue={(tag) => onFilter({ tag })}
      />
    </>
  );
}

function Choice(props: {
  readonly label: string;
  readonly all: string;
  readonly items: readonly { readonly id: string; readonly name: string }[];
  readonly value: string | undefined;
  readonly onValue: (id: string | undefined) => void;
}) {
  const { items, value } = props;
  if (items.length === 0 && value === undefined) return null;
  const isKnown = value === undefined || items.some(({ id }) => id === value);
  return (
    <select
      aria-label={props.label}
      value={value ?? ''}
      onChange={(event) => props.onValue(event.target.value === '' ? undefined : event.target.value)}
      className={classNames(
        'h-8 max-w-44 rounded-md border bg-surface px-2',
        value === undefined ? 'border-field-line' : 'border-accent',
      )}
      data-testid={`cameras-${props.label.toLowerCase()}`}
    >
      <option value="">{props.all}</option>
      {!isKnown && <option value={value}>{value}</option>}
      {items.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
