import { Link } from '@tanstack/react-router';
import type { WatchTimeBy, WatchTimeItem } from '@vedette/contracts';
import { formatBytes } from '../../format/format-bytes.ts';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { durationWords } from './watch-time-words.ts';

const HEADS: Readonly<Record<WatchTimeBy, string>> = {
  camera: 'Camera',
  user: 'Person',
  hour: 'Hour of the day',
  protocol: 'Protocol',
};
const PROTOCOLS: Readonly<Record<string, string>> = { webrtc: 'WebRTC', hls: 'HLS', rtsp: 'RTSP' };

/** The most watched first; a bar beside each figure, which says the same. */
export function WatchTimeTable(props: {
  readonly by: WatchTimeBy;
  readonly items: readonly WatchTimeItem[];
}) {
  const { by, items } = props;
  const most = Math.max(1, ...items.map(({ seconds }) => seconds));
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>{HEADS[by]}</HeadCell>
          <HeadCell className="w-full">
            <span className="sr-only">Share</span>
          </HeadCell>
          <HeadCell numeric>Watched</HeadCell>
          <HeadCell numeric>Views</HeadCell>
          <HeadCell numeric>Sent</HeadCell>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.key} className="hover:bg-hover" data-testid={`watched-${item.key}`}>
            <Cell className="max-w-72 truncate font-medium">
              <Name by={by} item={item} />
            </Cell>
            <Cell>
              <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-line">
                <div
                  className="h-full rounded-full bg-muted"
                  style={{ width: `${(item.seconds / most) * 100}%` }}
                />
              </div>
            </Cell>
            <Cell numeric>{durationWords(item.seconds)}</Cell>
            <Cell numeric className="text-muted">
              {item.views}
            </Cell>
            <Cell numeric className="text-muted">
              {formatBytes(item.bytes)}
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

const LINK = 'rounded-sm underline decoration-line-strong underline-offset-4 hover:decoration-current';

function Name({ by, item }: { readonly by: WatchTimeBy; readonly item: WatchTimeItem }) {
  const { key, name } = item;
  switch (by) {
    case 'camera':
      return (
        <Link to="/audit" search={{ kind: 'view-started', camera: key }} className={LINK}>
          {name ?? `${key}, no longer there`}
        </Link>
      );
    case 'user':
      return (
        <Link to="/audit" search={{ kind: 'view-started', actor: key }} className={LINK}>
          {name ?? `${key}, no longer there`}
        </Link>
      );
    case 'hour':
      return `${key.padStart(2, '0')}:00 to ${String(Number(key) + 1).padStart(2, '0')}:00`;
    case 'protocol':
      return PROTOCOLS[key] ?? key;
  }
}
