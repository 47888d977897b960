import type { LimitsView } from '@vedette/contracts';
import { classNames } from '../../ui/class-names.ts';

/** What is in use now beside what may be, as bars with their figures. */
export function UsageSection({ view }: { readonly view: LimitsView }) {
  const { limits, usage } = view;
  const sum = limits.quotaGroups.reduce((all, { maxViews }) => all + maxViews, 0);
  return (
    <section aria-label="In use now" data-testid="limits-usage">
      <h2 className="mb-2 text-base font-semibold">In use now</h2>
      <dl className="grid grid-cols-[minmax(8rem,14rem)_1fr_auto] items-center gap-x-4 gap-y-2 border-t pt-3">
        <Bar name="All views" used={usage.tenantViews} most={limits.tenantViews} />
        {usage.quotaGroups.map(({ name, views, maxViews }) => (
          <Bar key={name} name={name} used={views} most={maxViews} isPart />
        ))}
        {usage.quotaGroups.length > 0 && (
          <Bar name="All groups together" used={usage.quotaTotal} most={limits.quotaTotal ?? sum} />
        )}
      </dl>
    </section>
  );
}

function Bar(props: {
  readonly name: string;
  readonly used: number;
  /** Null: as many as come. */
  readonly most: number | null;
  readonly isPart?: boolean;
}) {
  const { most, used } = props;
  const share = most === null ? 0 : most === 0 ? 1 : Math.min(1, used / most);
  const isFull = most !== null && used >= most;
  return (
    <>
      <dt className={classNames('truncate', props.isPart === true && 'pl-4 text-muted')}>{props.name}</dt>
      {/* The figures beside it say the same. */}
      <dd aria-hidden className="h-1.5 overflow-hidden rounded-full bg-line">
        <div
          className={classNames(
            'h-full rounded-full',
            share > 0.9 ? 'bg-bad' : share > 0.7 ? 'bg-warn' : 'bg-muted',
          )}
          style={{ width: `${share * 100}%` }}
        />
      </dd>
      <dd className={classNames('text-right tabular-nums', isFull && 'font-medium text-bad')}>
        {most === null ? `${used}, no limit` : `${used} of ${most}${isFull ? ', full' : ''}`}
      </dd>
    </>
  );
}
