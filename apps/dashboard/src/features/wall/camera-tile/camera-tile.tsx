// One camera on the wall: its picture, its name, its state in words, and why. In: a camera and a place.
// Out: wishes to the wall (select, enlarge, clear, drop). Playing is the player's job.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useCameraHealth } from '../../../api/services.ts';
import { useToasts } from '../../../shell/chrome.ts';
import { classNames } from '../../../ui/class-names.ts';
import { figures } from '../figures.ts';
import { tileLabel } from '../tile-words.ts';
import type { WallSignals } from '../wall-signals.ts';
import type { PlacedCamera } from '../wall-state.ts';
import { TileActions } from './tile-actions.tsx';
import { TileBar } from './tile-bar.tsx';
import { TileFrame, type TileFrameProps } from './tile-frame.tsx';
import { TileMessage } from './tile-message.tsx';
import { TileSound } from './tile-sound.tsx';
import { useCameraPlayer } from './use-camera-player.ts';

export interface CameraTileProps extends Omit<TileFrameProps, 'label'> {
  readonly camera: PlacedCamera;
  readonly tiles: number;
  /** Figures on every tile, not only on the one under the pointer. */
  readonly showFigures: boolean;
  readonly signals: WallSignals;
  readonly onClear: () => void;
}

export function CameraTile(props: CameraTileProps) {
  const { camera, slot, large, signals, showFigures, selected } = props;
  const frame = useRef<HTMLElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState(false);
  const [asking, setAsking] = useState(false);
  const health = useCameraHealth(camera.id);
  const measured = showFigures || hovered || asking || large;
  const heard = useSyncExternalStore(
    (listener) => signals.sound.subscribe(listener),
    () => signals.sound.isHeard(camera.id),
  );
  const player = useCameraPlayer({
    host,
    cameraId: camera.id,
    profile: large ? 'main' : null,
    tiles: large ? 1 : props.tiles,
    heard,
    measured,
    reason: signals.reason,
  });
  const { status, stats, sound } = player;
  const toasts = useToasts();

  useEffect(() => signals.report(camera.id, status.state), [signals, camera.id, status.state]);
  useEffect(() => () => signals.report(camera.id, undefined), [signals, camera.id]);
  const latest = useRef(player);
  latest.current = player;
  // Keys act on the selected tile, wherever the focus is.
  useEffect(() => {
    if (!selected) return;
    return signals.onCommand((command) => {
      if (command === 'why') setAsking((open) => !open);
      else if (command === 'retry') latest.current.playAgain();
      else if (latest.current.sound.available) signals.sound.toggle(camera.id, false);
    });
  }, [selected, signals, camera.id]);
  useEffect(() => () => signals.sound.mute(camera.id), [signals, camera.id]);
  // One reason is given for all tiles that ask for one.
  const asksReason = status.reason === 'reason_required';
  useEffect(() => {
    if (!asksReason) return;
    return signals.onReason(() => latest.current.playFor(signals.reason ?? ''));
  }, [asksReason, signals]);
  useEffect(() => {
    if (!sound.refused) return;
    signals.sound.mute(camera.id);
    toasts.done('The browser plays sound only after a click or a key on this page.');
  }, [sound.refused, signals, camera.id, toasts]);
  // Written past React: it moves every second and draws nothing.
  useEffect(() => {
    const write = () => {
      const age = latest.current.pictureAgeMs();
      if (frame.current !== null)
        frame.current.dataset['pictureAge'] = age === null ? '' : String(Math.round(age));
    };
    write();
    const timer = setInterval(write, 1000);
    return () => clearInterval(timer);
  }, []);

  const isLive = status.state === 'live';
  return (
    <TileFrame
      {...props}
      label={tileLabel({ slot, name: camera.name, state: status.state, sentence: status.sentence, heard })}
      draggable
      frameRef={frame}
      onHover={setHovered}
      data={{
        'data-camera-id': camera.id,
        'data-state': status.state,
        'data-reason': status.reason,
        'data-protocol': status.protocol ?? undefined,
        'data-profile': status.profile ?? undefined,
        'data-sound': sound.available ? (sound.muted ? 'muted' : 'heard') : undefined,
      }}
    >
      <div ref={host} className={classNames('tile-picture absolute inset-0', !isLive && 'grayscale')} />
      {!isLive && (
        <TileMessage
          status={status}
          pictureAgeMs={player.pictureAgeMs}
          onPlayAgain={player.playAgain}
          onReason={(reason) => signals.giveReason(reason)}
        />
      )}
      {measured && stats !== null && (
        <p
          data-testid={`figures-${slot}`}
          className="absolute top-0 left-0 max-w-full truncate rounded-br-md bg-black/70 px-2 py-1 text-2xs text-muted"
        >
          {figures(stats)}
        </p>
      )}
      <TileBar name={camera.name} status={status}>
        {sound.available && (
          <TileSound
            slot={slot}
            heard={!sound.muted}
            onToggle={(alongside) => signals.sound.toggle(camera.id, alongside)}
          />
        )}
      </TileBar>
      <TileActions
        slot={slot}
        camera={camera}
        large={large}
        asking={asking}
        onAsk={setAsking}
        onClosed={() => frame.current?.focus()}
        onToggleLarge={props.onToggleLarge}
        onClear={props.onClear}
        player={player}
        health={health}
      />
    </TileFrame>
  );
}
