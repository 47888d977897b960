import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry of its own for each process; components register gauges that read their state at scrape. */
export type Metrics = Registry;

export function createMetrics(labels: Record<string, string> = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry, prefix: 'vedette_' });
  return registry;
}
