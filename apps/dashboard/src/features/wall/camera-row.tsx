import type { Camera } from '@vedette/contracts';
import { useCameraHealth } from '../../api/services.ts';
import { cameraStateWords } from '../../ui/camera-state-words.ts';
import { classNames } from '../../ui/class-names.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { writeDragged } from './camera-tile/dragged.ts';

/** CSS pixels; the list counts on every row having exactly this. */
export const ROW_HEIGHT = 36;

interface CameraRowProps {
  readonly id: string;
  readonly camera: Camera;
  readonly top: number;
  /** Where the arrow keys are; Enter takes it. */
  readonly active: boolean;
  /** The tile it stands in. */
  readonly slot: number | undefined;
  readonly onChoose: () => void;
}

export function CameraRow({ id, camera, top, active, slot, onChoose }: CameraRowProps) {
  const { state, reason } = useCameraHealth(camera.id) ?? camera;
  const { word, tone, shape } = cameraStateWords(state, reason);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field holds the focus and handles the keys for all rows
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-label={`${camera.name}, ${word.toLowerCase()}${slot === undefined ? '' : `, on tile ${slot + 1}`}`}
      data-testid={`camera-item-${camera.id}`}
      data-state={state}
      draggable
      onDragStart={(event) =>
        writeDragged(event.dataTransfer, { kind: 'camera', camera: { id: camera.id, name: camera.name } })
      }
      onClick={onChoose}
      className={classNames(
        'absolute inset-x-0 flex h-9 cursor-pointer items-center gap-2.5 px-3 outline-none select-none hover:bg-hover',
        active && 'group-has-[input:focus]/cameras:bg-accent-soft',
      )}
      style={{ top }}
    >
      <StateMark shape={shape} tone={tone} className="size-2.5" />
      <span className="min-w-0 flex-1 truncate">{camera.name}</span>
      {state !== 'live' && state !== 'idle' && (
        <span className={classNames('text-2xs', tone === 'bad' ? 'text-bad' : 'text-muted')}>{word}</span>
      )}
      {slot !== undefined && (
        <span
          aria-hidden
          className="w-5 rounded-sm bg-accent-soft text-center text-2xs leading-4 text-accent"
        >
          {slot + 1}
        </span>
      )}
    </div>
  );
}
