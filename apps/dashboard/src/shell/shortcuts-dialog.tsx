import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { useChrome } from './chrome.ts';

interface Group {
  readonly title: string;
  readonly keys: readonly { readonly keys: readonly string[]; readonly does: string }[];
}

const GROUPS: readonly Group[] = [
  {
    title: 'Wall',
    keys: [
      { keys: ['1', '2', '3', '4'], does: '1, 4, 9 or 16 tiles' },
      { keys: ['←', '↑', '↓', '→'], does: 'Select a tile' },
      { keys: ['Shift', '←↑↓→'], does: 'Move the camera to the next tile' },
      { keys: ['Enter'], does: 'Show the tile large, and back' },
      { keys: ['Esc'], does: 'Back to all tiles' },
      { keys: ['Delete'], does: 'Clear the tile' },
      { keys: ['W'], does: 'Why this tile?' },
      { keys: ['I'], does: 'Figures on every tile' },
      { keys: ['R'], does: 'Try the tile again' },
      { keys: ['M'], does: 'Listen to the tile alone, and mute' },
      { keys: ['A'], does: 'Fill the empty tiles' },
    ],
  },
  {
    title: 'View',
    keys: [
      { keys: ['F'], does: 'Full screen' },
      { keys: ['C'], does: 'Camera list, open or closed' },
      { keys: ['/'], does: 'Search cameras' },
      { keys: ['N'], does: 'Add a camera, on the cameras page' },
      { keys: ['D'], does: 'Find cameras, on the cameras page' },
      { keys: ['?'], does: 'This list' },
    ],
  },
  {
    title: 'Go to',
    keys: [
      { keys: ['G', 'W'], does: 'Wall' },
      { keys: ['G', 'C'], does: 'Cameras' },
      { keys: ['G', 'I'], does: 'Sites' },
      { keys: ['G', 'N'], does: 'Nodes' },
      { keys: ['G', 'S'], does: 'Sessions' },
      { keys: ['G', 'U'], does: 'People' },
      { keys: ['G', 'P'], does: 'Policy' },
      { keys: ['G', 'L'], does: 'Limits' },
      { keys: ['G', 'E'], does: 'Alerts' },
      { keys: ['G', 'T'], does: 'Tenants' },
      { keys: ['G', 'H'], does: 'Watch time' },
      { keys: ['G', 'A'], does: 'Audit' },
    ],
  },
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  const { shortcuts } = useChrome();
  const [on, setOn] = useState(shortcuts.characters);
  return (
    <Dialog title="Keyboard" shape="wide" onClose={onClose} testId="shortcuts">
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {GROUPS.map((group) => (
          <section key={group.title} className="sm:first:row-span-2">
            <h3 className="mb-1 text-xs font-semibold text-faint">{group.title}</h3>
            <dl>
              {group.keys.map(({ keys, does }) => (
                <div key={does} className="flex items-center gap-3 border-b py-1.5 last:border-0">
                  <dt className="flex-1">{does}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <kbd key={key} className="hint-key">
                        {key}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="mt-6 flex cursor-pointer items-center gap-2.5 border-t pt-4 text-muted">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={on}
          onChange={(event) => {
            shortcuts.characters = event.target.checked;
            setOn(event.target.checked);
          }}
        />
        Single letters and digits act as commands
      </label>
    </Dialog>
  );
}
