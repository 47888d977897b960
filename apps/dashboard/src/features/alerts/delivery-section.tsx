import { useQueryClient } from '@tanstack/react-query';
import type { AlertDelivery } from '@vedette/contracts';
import { useState } from 'react';
import { useAlertDeliveries } from '../../api/alerts-queries.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { DELIVERY_STATES } from './alert-words.ts';

/** What was told lately, and what could not be: the list of those given up is where nothing is lost. */
export function DeliverySection() {
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const [shown, setShown] = useState<'all' | 'dead'>('all');
  const query = useAlertDeliveries(shown === 'dead' ? 'dead' : undefined);
  const retry = async (delivery: AlertDelivery) => {
    const result = await api.alerts.retry(delivery.id);
    if (result.ok) toasts.done('It is sent again.');
    else toasts.problem(result.problem);
    void queries.invalidateQueries({ queryKey: ['alerts'] });
  };
  return (
    <section aria-label="Sent lately" className="mt-8" data-testid="deliveries">
      <header className="flex items-center gap-4 px-6 pb-2">
        <h2 className="flex-1 text-base font-semibold">Sent lately</h2>
        <Segmented
          legend="Shown"
          value={shown}
          onValue={setShown}
          options={[
            { value: 'all', label: 'All' },
            { value: 'dead', label: 'Given up' },
          ]}
        />
      </header>
      <LoadState query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="mx-6 border-t py-3 text-faint">
              {shown === 'dead' ? 'Everything has arrived, or is on its way.' : 'Nothing was sent yet.'}
            </p>
          ) : (
            <Deliveries items={items} onRetry={(delivery) => void retry(delivery)} />
          )
        }
      </LoadState>
    </section>
  );
}

function Deliveries(props: {
  readonly items: readonly AlertDelivery[];
  readonly onRetry: (delivery: AlertDelivery) => void;
}) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>When</HeadCell>
          <HeadCell>To</HeadCell>
          <HeadCell className="w-full">What</HeadCell>
          <HeadCell>State</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {props.items.map((delivery) => {
          const { shape, tone, word } = DELIVERY_STATES[delivery.state];
          return (
            <tr key={delivery.id} className="hover:bg-hover">
              <Cell className="text-muted tabular-nums">{new Date(delivery.createdAt).toLocaleString()}</Cell>
              <Cell>{delivery.targetName}</Cell>
              <Cell className="py-1.5 whitespace-normal">
                {delivery.message.title}
                {delivery.lastError !== null && (
                  <span className="block text-xs text-muted">{delivery.lastError}</span>
                )}
              </Cell>
              <Cell>
                <span className="flex items-center gap-2">
                  <StateMark shape={shape} tone={tone} className="size-2.5" />
                  {word}
                  {delivery.attempts > 1 && <span className="text-faint">{delivery.attempts} attempts</span>}
                </span>
              </Cell>
              <Cell numeric>
                {delivery.state === 'dead' && (
                  <Button kind="quiet" className="h-7" onClick={() => props.onRetry(delivery)}>
                    Send again
                  </Button>
                )}
              </Cell>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
