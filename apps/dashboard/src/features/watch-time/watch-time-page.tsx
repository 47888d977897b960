import type { WatchTimeBy } from '@vedette/contracts';
import { ChartNoAxesColumn } from 'lucide-react';
import { useState } from 'react';
import { useCameraUse, useWatchTime } from '../../api/queries.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { NeverWatched } from './never-watched.tsx';
import { WatchTimeTable } from './watch-time-table.tsx';
import { durationWords, SPANS, type Span, spanOf } from './watch-time-words.ts';

/** How long what was watched, by whom and when; and what nobody watched. */
export default function WatchTimePage() {
  return useMay('analytics.read') ? <WatchTime /> : <NoPermissionPage />;
}

const VIEWS: readonly { readonly value: WatchTimeBy | 'never'; readonly label: string }[] = [
  { value: 'camera', label: 'By camera' },
  { value: 'user', label: 'By person' },
  { value: 'hour', label: 'By hour' },
  { value: 'protocol', label: 'By protocol' },
  { value: 'never', label: 'Never watched' },
];

function WatchTime() {
  const [view, setView] = useState<WatchTimeBy | 'never'>('camera');
  const [days, setDays] = useState<Span>('7');
  const span = spanOf(Number(days), Date.now());
  return (
    <Page
      title="Watch time"
      testId="watch-time"
      actions={
        <>
          <Segmented legend="Counted" value={view} options={VIEWS} onValue={setView} />
          <select
            aria-label="Time"
            value={days}
            onChange={(event) =>
              setDays(SPANS.find(({ value }) => value === event.target.value)?.value ?? '7')
            }
            className="h-8 rounded-md border border-field-line bg-surface px-2"
            data-testid="watch-time-span"
          >
            {SPANS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </>
      }
    >
      {view === 'never' ? <Unwatched span={span} /> : <Counted by={view} span={span} />}
    </Page>
  );
}

interface Spanned {
  readonly span: { readonly from: string; readonly to: string };
}

function Counted({ by, span }: Spanned & { readonly by: WatchTimeBy }) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const query = useWatchTime({ by, ...span, timeZone });
  return (
    <LoadState query={query}>
      {({ items, total }) =>
        total.views === 0 ? (
          <EmptyState icon={ChartNoAxesColumn} title="Nobody watched anything in that time">
            <p>A view counts once it has ended.</p>
          </EmptyState>
        ) : (
          <>
            <p className="px-6 py-3 text-muted" data-testid="watch-time-total">
              {durationWords(total.seconds)} in {total.views} {total.views === 1 ? 'view' : 'views'}. A view
              counts once it has ended.
            </p>
            <WatchTimeTable by={by} items={items} />
          </>
        )
      }
    </LoadState>
  );
}

function Unwatched({ span }: Spanned) {
  const query = useCameraUse({ sort: 'never', ...span, limit: 500 });
  return <LoadState query={query}>{({ items }) => <NeverWatched cameras={items} />}</LoadState>;
}
