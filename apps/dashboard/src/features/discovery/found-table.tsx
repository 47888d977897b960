import { Link } from '@tanstack/react-router';
import type { Camera, CameraId, FoundDevice } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import { useEffect, useRef } from 'react';
import { fieldErrors } from '../../api/field-errors.ts';
import { useCameraHealth } from '../../api/services.ts';
import { Button } from '../../ui/button.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { useVisibleRange } from '../../ui/visible-range.ts';
import { deviceKey, deviceName } from './found-words.ts';
import type { Adding } from './use-adding.ts';

const ROW_HEIGHT = 44;

interface FoundTableProps {
  readonly devices: readonly FoundDevice[];
  /** Undefined while they are being read. */
  readonly cameras: ReadonlyMap<CameraId, Camera> | undefined;
  readonly results: ReadonlyMap<string, Adding>;
  readonly selected: ReadonlySet<string>;
  readonly isSelectable: (device: FoundDevice) => boolean;
  readonly onSelect: (keys: readonly string[], wanted: boolean) => void;
  /** A device that is no ONVIF one is added by its address. */
  readonly onByAddress: (device: FoundDevice) => void;
}

/** What was found, in the order of the answers, so that no row moves while one is chosen. */
export function FoundTable(props: FoundTableProps) {
  const { devices } = props;
  const box = useRef<HTMLDivElement>(null);
  const range = useVisibleRange(box, { rowHeight: ROW_HEIGHT, rows: devices.length });
  return (
    <div ref={box} className="h-full overflow-auto">
      <Table className="min-w-4xl table-fixed" aria-rowcount={devices.length + 1}>
        <thead>
          <tr>
            <HeadCell className="w-14">
              <SelectAll {...props} />
            </HeadCell>
            <HeadCell>Name</HeadCell>
            <HeadCell className="w-44">Address</HeadCell>
            <HeadCell className="w-[13%]">Model</HeadCell>
            <HeadCell className="w-[11%]">Location</HeadCell>
            <HeadCell className="w-[28%]">State</HeadCell>
          </tr>
        </thead>
        <tbody>
          <Spacer rows={range.first} />
          {devices.slice(range.first, range.end).map((device, offset) => (
            <Row key={deviceKey(device)} {...props} device={device} index={range.first + offset} />
          ))}
          <Spacer rows={devices.length - range.end} />
        </tbody>
      </Table>
    </div>
  );
}

function Spacer({ rows }: { readonly rows: number }) {
  return <tr aria-hidden style={{ height: Math.max(0, rows) * ROW_HEIGHT }} />;
}

function SelectAll({ devices, isSelectable, onSelect, selected }: FoundTableProps) {
  const keys = devices.filter(isSelectable).map(deviceKey);
  const chosen = keys.filter((key) => selected.has(key)).length;
  const element = useRef<HTMLInputElement>(null);
  const isPartly = chosen > 0 && chosen < keys.length;
  useEffect(() => {
    if (element.current !== null) element.current.indeterminate = isPartly;
  }, [isPartly]);
  return (
    <input
      ref={element}
      type="checkbox"
      aria-label="Select all new devices"
      className="block size-4 accent-accent"
      disabled={keys.length === 0}
      checked={keys.length > 0 && chosen === keys.length}
      onChange={(event) => onSelect(keys, event.target.checked)}
      data-testid="discovery-select-all"
    />
  );
}

function Row(props: FoundTableProps & { readonly device: FoundDevice; readonly index: number }) {
  const { device, index, isSelectable, onSelect, results, selected } = props;
  const key = deviceKey(device);
  const name = deviceName(device);
  const isChosen = selected.has(key);
  const may = isSelectable(device);
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      data-testid={`found-${key}`}
      className={isChosen ? 'bg-accent-soft' : 'hover:bg-hover'}
    >
      <Cell>
        {may && (
          <input
            type="checkbox"
            aria-label={`Select ${name}`}
            className="block size-4 accent-accent"
            checked={isChosen}
            onChange={(event) => onSelect([key], event.target.checked)}
            data-testid={`found-select-${key}`}
          />
        )}
      </Cell>
      <Cell className={may ? 'truncate font-medium' : 'truncate text-muted'} title={name}>
        {name}
      </Cell>
      <Cell className="truncate font-mono text-xs text-muted" title={key}>
        {key}
      </Cell>
      <Cell className="truncate text-muted" title={device.model ?? undefined}>
        {device.model}
      </Cell>
      <Cell className="truncate text-muted" title={device.location ?? undefined}>
        {device.location}
      </Cell>
      <Cell className="truncate text-muted">
        <RowState {...props} adding={results.get(key)} />
      </Cell>
    </tr>
  );
}

function RowState({
  adding,
  cameras,
  device,
  onByAddress,
}: Pick<FoundTableProps, 'onByAddress' | 'cameras'> & {
  readonly adding: Adding | undefined;
  readonly device: FoundDevice;
}) {
  switch (adding?.step) {
    case 'waiting':
      return (
        <Marked shape="turning" tone="busy">
          Adding
        </Marked>
      );
    case 'added':
      return <Added camera={adding.camera} />;
    case 'failed': {
      const { problem } = adding;
      const [why = problem.detail] = fieldErrors(problem).values();
      return (
        <Marked shape="cross" tone="bad">
          <span className="truncate" title={`${problem.title}: ${why}`}>
            {why}
          </span>
        </Marked>
      );
    }
    case undefined:
      return device.known.length > 0 ? (
        <Known device={device} cameras={cameras} />
      ) : device.kind === 'rtsp' ? (
        <Button onClick={() => onByAddress(device)} className="h-7">
          Add by address
        </Button>
      ) : (
        'New'
      );
  }
}

const LINK = 'text-accent underline-offset-2 hover:underline';

function Known({ cameras, device }: Pick<FoundTableProps, 'cameras'> & { readonly device: FoundDevice }) {
  const [id] = device.known;
  const name = id === undefined ? undefined : cameras?.get(id)?.name;
  return (
    <Marked shape="ring" tone="none">
      {device.known.length === 1 && id !== undefined ? (
        <Link from="/cameras/find" to="/cameras/find" search={{ camera: id }} className={LINK}>
          {name === undefined ? 'Known camera' : `Known as ${name}`}
        </Link>
      ) : (
        <Link to="/cameras" search={{ q: device.host }} className={LINK}>
          Known as {device.known.length} cameras
        </Link>
      )}
    </Marked>
  );
}

/** A camera is asked only after it was added: that it wants other credentials is seen here a moment later. */
function Added({ camera }: { readonly camera: Camera }) {
  const { reason, state } = useCameraHealth(camera.id) ?? camera;
  const isFaulty = state === 'offline';
  const isAsked = state === 'connecting';
  return (
    <Marked
      shape={isFaulty ? 'triangle' : isAsked ? 'turning' : 'dot'}
      tone={isFaulty ? 'warn' : isAsked ? 'busy' : 'good'}
    >
      <Link
        from="/cameras/find"
        to="/cameras/find"
        search={{ camera: camera.id }}
        className={LINK}
        data-testid={`found-added-${camera.id}`}
      >
        Added
      </Link>
      {isAsked && <span>asking what it offers</span>}
      {isFaulty && (
        <span className="truncate" title={REASON_TEXT[reason]}>
          {REASON_TEXT[reason]}
        </span>
      )}
    </Marked>
  );
}

function Marked(props: Parameters<typeof StateMark>[0] & { readonly children: React.ReactNode }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <StateMark shape={props.shape} tone={props.tone} className="size-2.5" />
      {props.children}
    </span>
  );
}
