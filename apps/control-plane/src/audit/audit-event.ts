import { AuditEvent, type AuditRecord } from '@vedette/contracts';

/** Throws when the text of the record is no event. */
export function eventOf(record: Pick<AuditRecord, 'event'>): AuditEvent {
  return AuditEvent.parse(JSON.parse(record.event));
}
