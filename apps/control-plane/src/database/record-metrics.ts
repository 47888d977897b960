import type { Metrics } from '@vedette/runtime';
import { Gauge } from 'prom-client';
import type { Database } from './database.ts';

/** Whether records can be kept now, and how many wait; read when somebody asks. */
export function addRecordMetrics(options: {
  readonly metrics: Metrics;
  readonly database: Pick<Database, 'isAway'>;
  readonly audit: { readonly waiting: number };
}): void {
  const { audit, database, metrics } = options;
  const registers = [metrics];
  new Gauge({
    name: 'vedette_database_away',
    help: '1 while the database does not answer: what is known goes on, changes are refused',
    registers,
    collect() {
      this.set(database.isAway ? 1 : 0);
    },
  });
  new Gauge({
    name: 'vedette_audit_records_waiting',
    help: 'Audit records of this process that are on its disk and not in the database yet',
    registers,
    collect() {
      this.set(audit.waiting);
    },
  });
}
