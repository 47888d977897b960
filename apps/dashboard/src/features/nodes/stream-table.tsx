import type { CameraId, StreamView } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import { formatBitRate } from '../../format/format-bit-rate.ts';
import { formatPicture } from '../../format/format-picture.ts';
import { cameraStateWords } from '../../ui/camera-state-words.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';

/** What is pulled now, or should be. */
export function StreamTable(props: {
  readonly streams: readonly StreamView[];
  /** Of cameras, as far as they are known. */
  readonly names: ReadonlyMap<CameraId, string>;
}) {
  const { streams, names } = props;
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>State</HeadCell>
          <HeadCell>Stream</HeadCell>
          <HeadCell>Node</HeadCell>
          <HeadCell>Picture</HeadCell>
          <HeadCell numeric>Key frame every</HeadCell>
          <HeadCell numeric>In</HeadCell>
          <HeadCell numeric>Viewers</HeadCell>
          <HeadCell numeric>Lost</HeadCell>
          <HeadCell numeric>Reconnects</HeadCell>
        </tr>
      </thead>
      <tbody>
        {streams.map((stream) => {
          const { word, tone, shape } = cameraStateWords(stream.health, stream.reason);
          return (
            <tr
              key={`${stream.node} ${stream.path}`}
              data-testid={`stream-${stream.path}`}
              className="hover:bg-hover"
            >
              <Cell className="w-36">
                <span className="flex items-center gap-2" title={stream.detail ?? REASON_TEXT[stream.reason]}>
                  <StateMark shape={shape} tone={tone} className="size-2.5" />
                  {word}
                </span>
              </Cell>
              <Cell>
                {names.get(stream.cameraId)}
                <span className="ml-2 font-mono text-xs text-faint select-text">{stream.path}</span>
              </Cell>
              <Cell className="text-muted">{stream.node}</Cell>
              <Cell className="text-muted">
                {[stream.codec, formatPicture(stream)].filter(Boolean).join(' · ')}
              </Cell>
              <Cell numeric className="text-muted">
                {stream.keyFrameIntervalMs !== null && `${(stream.keyFrameIntervalMs / 1000).toFixed(1)} s`}
              </Cell>
              <Cell numeric>{formatBitRate(stream.bitsPerSecond)}</Cell>
              <Cell numeric>{stream.viewers}</Cell>
              <Cell numeric className={stream.packetsLost > 0 ? 'text-warn' : 'text-faint'}>
                {stream.packetsLost}
              </Cell>
              <Cell numeric className={stream.reconnects > 0 ? '' : 'text-faint'}>
                {stream.reconnects}
              </Cell>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
