import type { SessionView } from '@vedette/contracts';
import { formatBitRate } from '../../format/format-bit-rate.ts';
import { formatBytes } from '../../format/format-bytes.ts';
import { Button } from '../../ui/button.tsx';
import { Since } from '../../ui/since.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { useSendRates } from './use-send-rates.ts';

interface SessionTableProps {
  readonly sessions: readonly SessionView[];
  /** Undefined for who may only look. */
  readonly onEnd: ((session: SessionView) => void) | undefined;
}

export function SessionTable({ sessions, onEnd }: SessionTableProps) {
  const rates = useSendRates(sessions);
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Who</HeadCell>
          <HeadCell>Camera</HeadCell>
          <HeadCell>By</HeadCell>
          <HeadCell>Node</HeadCell>
          <HeadCell>From</HeadCell>
          <HeadCell numeric>Since</HeadCell>
          <HeadCell numeric>Rate</HeadCell>
          <HeadCell numeric>Sent</HeadCell>
          <HeadCell numeric>Lost</HeadCell>
          <HeadCell numeric>Dropped</HeadCell>
          <HeadCell numeric>Round trip</HeadCell>
          {onEnd !== undefined && (
            <HeadCell>
              <span className="sr-only">Actions</span>
            </HeadCell>
          )}
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr key={session.id} data-testid={`session-${session.id}`} className="hover:bg-hover">
            <Cell className="font-medium">{session.userName}</Cell>
            <Cell className="max-w-56 truncate">{session.cameraName}</Cell>
            <Cell className="text-muted">
              {session.protocol === 'webrtc' ? 'WebRTC' : 'HLS'}, {session.profile}
            </Cell>
            <Cell className="text-muted">{session.node}</Cell>
            <Cell className="font-mono text-xs text-muted">
              {session.state === 'granted' ? 'not connected yet' : session.clientAddress}
            </Cell>
            <Cell numeric className="text-muted">
              <Since at={session.startedAt} />
            </Cell>
            <Cell numeric className="min-w-24">
              {formatRate(rates.get(session.id))}
            </Cell>
            <Cell numeric className="text-muted">
              {formatBytes(session.bytesSent)}
            </Cell>
            <Cell numeric className={session.packetsLost > 0 ? 'text-warn' : 'text-faint'}>
              {session.packetsLost}
            </Cell>
            <Cell numeric className={session.framesDropped > 0 ? 'text-warn' : 'text-faint'}>
              {session.framesDropped}
            </Cell>
            <Cell numeric>{session.rttMs !== null && `${Math.round(session.rttMs)} ms`}</Cell>
            {onEnd !== undefined && (
              <Cell numeric>
                <Button
                  kind="quiet"
                  className="h-7"
                  aria-label={`End the view of ${session.cameraName} by ${session.userName}`}
                  onClick={() => onEnd(session)}
                  data-testid={`session-end-${session.id}`}
                >
                  End
                </Button>
              </Cell>
            )}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function formatRate(bitsPerSecond: number | undefined): string {
  return bitsPerSecond === undefined ? '' : formatBitRate(bitsPerSecond);
}
