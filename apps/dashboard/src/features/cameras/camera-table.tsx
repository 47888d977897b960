import { Link } from '@tanstack/react-router';
import type { Camera } from '@vedette/contracts';
import { useEffect, useMemo, useRef } from 'react';
import { useSites } from '../../api/organisation-queries.ts';
import { useCameraHealth } from '../../api/services.ts';
import { formatPicture } from '../../format/format-picture.ts';
import { cameraStateWords } from '../../ui/camera-state-words.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { useVisibleRange } from '../../ui/visible-range.ts';
import { kindWords } from './camera-kinds.ts';
import { sourceAddress } from './source-address.ts';

const ROW_HEIGHT = 44;

/** All cameras in rows of equal height; only those in view are drawn. `onEnd` asks for more. */
export function CameraTable(props: {
  readonly cameras: readonly Camera[];
  readonly onTag: (tag: string) => void;
  readonly onEnd: () => void;
}) {
  const { cameras, onEnd } = props;
  const sites = useSites().data?.items;
  const siteNames = useMemo(() => new Map(sites?.map(({ id, name }) => [id, name])), [sites]);
  const box = useRef<HTMLDivElement>(null);
  const range = useVisibleRange(box, { rowHeight: ROW_HEIGHT, rows: cameras.length });
  const nearEnd = range.end >= cameras.length - 30;
  const latest = useRef(onEnd);
  latest.current = onEnd;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each further page may leave its end in view again
  useEffect(() => {
    if (nearEnd) latest.current();
  }, [nearEnd, cameras.length]);
  return (
    <div ref={box} className="h-full overflow-auto">
      <Table className="min-w-4xl table-fixed" aria-rowcount={cameras.length + 1}>
        <thead>
          <tr>
            <HeadCell className="w-36">State</HeadCell>
            <HeadCell>Name</HeadCell>
            <HeadCell className="w-36 max-lg:hidden">Site</HeadCell>
            <HeadCell className="w-36 max-xl:hidden">Tags</HeadCell>
            <HeadCell className="w-1/5">Address</HeadCell>
            <HeadCell className="w-40">Picture</HeadCell>
            <HeadCell className="w-28 max-xl:hidden">Pull</HeadCell>
            <HeadCell className="w-24" numeric>
              Viewers
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          <Spacer rows={range.first} />
          {cameras.slice(range.first, range.end).map((camera, offset) => (
            <Row
              key={camera.id}
              camera={camera}
              index={range.first + offset}
              site={camera.siteId === null ? '' : (siteNames.get(camera.siteId) ?? '')}
              onTag={props.onTag}
            />
          ))}
          <Spacer rows={cameras.length - range.end} />
        </tbody>
      </Table>
    </div>
  );
}

function Spacer({ rows }: { readonly rows: number }) {
  return <tr aria-hidden style={{ height: Math.max(0, rows) * ROW_HEIGHT }} />;
}

function Row(props: {
  readonly camera: Camera;
  readonly index: number;
  readonly site: string;
  readonly onTag: (tag: string) => void;
}) {
  const { camera, index } = props;
  const { state, reason, viewers } = useCameraHealth(camera.id) ?? camera;
  const { word, tone, shape } = cameraStateWords(state, reason);
  const main = camera.profiles.find(({ name }) => name === 'main');
  return (
    <tr
      aria-rowindex={index + 2}
      data-testid={`camera-row-${camera.id}`}
      data-state={state}
      className="relative hover:bg-hover"
    >
      <Cell>
        <span className="flex items-center gap-2 text-muted">
          <StateMark shape={shape} tone={tone} className="size-2.5" />
          {word}
        </span>
      </Cell>
      <Cell className="truncate">
        <Link
          from="/cameras"
          search={(old) => ({ ...old, camera: camera.id })}
          className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {camera.name}
        </Link>
      </Cell>
      <Cell className="truncate text-muted max-lg:hidden">{props.site}</Cell>
      <Cell className="overflow-hidden max-xl:hidden">
        {/* Above the link that covers the row. */}
        <span className="relative z-1 flex gap-1">
          {camera.tags.map((tag) => (
            <button
              key={tag}
              type="button"
              aria-label={`Only cameras tagged ${tag}`}
              onClick={() => props.onTag(tag)}
              className="h-5 max-w-24 shrink-0 truncate rounded-sm border border-line-strong bg-bg px-1.5 text-xs leading-4 text-muted hover:text-text"
            >
              {tag}
            </button>
          ))}
        </span>
      </Cell>
      <Cell className="text-muted">
        <SourceCell source={camera.source} />
      </Cell>
      <Cell className="text-muted">{main !== undefined && formatPicture(main)}</Cell>
      <Cell className="text-muted max-xl:hidden">
        {camera.pull === 'always-on' || camera.source.kind === 'publish' ? 'Always' : 'On demand'}
      </Cell>
      <Cell numeric className={viewers === 0 ? 'text-faint' : ''}>
        {viewers}
      </Cell>
    </tr>
  );
}

/** Cameras are the usual: only what is none is marked by a sign. */
function SourceCell({ source }: { readonly source: Camera['source'] }) {
  const { icon: Icon, label } = kindWords(source.kind);
  const isCamera = source.kind === 'rtsp' || source.kind === 'onvif';
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      {!isCamera && (
        <>
          <Icon aria-hidden className="size-4 shrink-0 text-faint" strokeWidth={1.75} />
          <span className="shrink-0">{label}</span>
        </>
      )}
      <span className={source.kind === 'publish' ? 'truncate' : 'truncate font-mono text-xs'}>
        {sourceAddress(source)}
      </span>
    </span>
  );
}
