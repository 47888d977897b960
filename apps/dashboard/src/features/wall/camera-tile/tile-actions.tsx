import { CircleHelp, Maximize2, Minimize2, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import type { CameraHealth } from '../../../api/camera-states.ts';
import { IconButton } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import type { PlacedCamera } from '../wall-state.ts';
import type { CameraPlayer } from './use-camera-player.ts';
import { WhyTile } from './why-tile.tsx';

interface TileActionsProps {
  readonly slot: number;
  readonly camera: PlacedCamera;
  readonly large: boolean;
  readonly asking: boolean;
  readonly onAsk: (open: boolean) => void;
  /** *Why this tile?* was closed and the focus has to go somewhere. */
  readonly onClosed: () => void;
  readonly onToggleLarge: () => void;
  readonly onClear: () => void;
  readonly player: CameraPlayer;
  readonly health: CameraHealth | undefined;
}

/** What can be done to a tile; out of the picture's way until somebody points at it or tabs to it. */
export function TileActions(props: TileActionsProps) {
  const { slot, large } = props;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps a quick second press from enlarging the tile
    <div
      onDoubleClick={(event) => event.stopPropagation()}
      className={classNames(
        'absolute top-1 right-1 flex rounded-md bg-black/70 opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100',
        (props.asking || large) && 'opacity-100',
      )}
    >
      <Popover.Root open={props.asking} onOpenChange={props.onAsk}>
        <Popover.Trigger asChild>
          <IconButton
            small
            label="Why this tile?"
            shortcut="W"
            icon={CircleHelp}
            tabIndex={-1}
            data-testid={`why-${slot}`}
          />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="end"
            sideOffset={6}
            collisionPadding={12}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              props.onClosed();
            }}
            aria-label={`Why tile ${slot + 1}?`}
            data-testid={`why-content-${slot}`}
            className="z-40 max-h-(--radix-popover-content-available-height) w-104 overflow-y-auto rounded-lg border border-line-strong bg-raised p-4 text-text shadow-2xl outline-none motion-safe:animate-[enter_100ms_ease-out]"
          >
            <WhyTile camera={props.camera} player={props.player} health={props.health} />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <IconButton
        small
        label={large ? 'Back to all tiles' : 'Show large'}
        shortcut={large ? 'Esc' : 'Enter'}
        icon={large ? Minimize2 : Maximize2}
        tabIndex={-1}
        data-testid={`enlarge-${slot}`}
        onClick={props.onToggleLarge}
      />
      <IconButton
        small
        label="Clear tile"
        shortcut="Delete"
        icon={X}
        tabIndex={-1}
        data-testid={`clear-${slot}`}
        onClick={props.onClear}
      />
    </div>
  );
}
