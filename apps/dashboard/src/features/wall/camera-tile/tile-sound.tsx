import { Volume2, VolumeX } from 'lucide-react';
import { Tooltip } from '../../../ui/tooltip.tsx';

/** The speaker of a tile that has sound: says whether it is heard, and changes that. */
export function TileSound(props: {
  readonly slot: number;
  readonly heard: boolean;
  readonly onToggle: (alongside: boolean) => void;
}) {
  const { heard } = props;
  const label = heard ? 'Mute' : 'Listen';
  const Icon = heard ? Volume2 : VolumeX;
  return (
    <Tooltip
      label={heard ? label : 'Listen to this tile alone, with Shift beside others'}
      shortcut="M"
      side="top"
    >
      <button
        type="button"
        tabIndex={-1}
        aria-label={label}
        aria-pressed={heard}
        data-testid={`sound-${props.slot}`}
        onClick={(event) => props.onToggle(event.shiftKey)}
        onDoubleClick={(event) => event.stopPropagation()}
        className="-my-1 inline-flex size-6 shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-white/15 hover:text-text aria-pressed:text-accent"
      >
        <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      </button>
    </Tooltip>
  );
}
