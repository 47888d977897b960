import type { Grant, GrantScope } from '@vedette/contracts';
import { useState } from 'react';
import { useGroups, useSites } from '../../api/organisation-queries.ts';
import { useCameraList } from '../../api/queries.ts';
import { ComboBox } from '../../ui/combo-box.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { type PickableScope, pickable } from './pickable-scopes.ts';

/** Finds a site, a group or a camera by its name and gives it. */
export function ScopePicker(props: {
  readonly grants: readonly Grant[];
  readonly onPick: (scope: GrantScope) => void;
}) {
  const sites = useSites();
  const groups = useGroups();
  const [typed, setTyped] = useState('');
  const q = useSettled(typed.trim(), 150);
  const cameras = useCameraList(q);
  const options = pickable({
    typed,
    sites: sites.data?.items ?? [],
    groups: groups.data?.items ?? [],
    cameras: cameras.data?.pages[0]?.items ?? [],
    given: props.grants,
  });
  return (
    <ComboBox<PickableScope>
      label="Add a site, a group or a camera"
      placeholder="Type a name"
      typed={typed}
      onTyped={setTyped}
      options={options.map((option) => ({
        key: option.key,
        label: option.name,
        note: option.note,
        value: option,
      }))}
      onChoose={({ scope }) => {
        setTyped('');
        props.onPick(scope);
      }}
      nothing={typed === '' ? 'There is nothing left to add.' : `Nothing is called “${typed}”.`}
      testId="grant-add"
    />
  );
}
