import type { AuditKind } from '@vedette/contracts';

/** What the page is filtered by, as it stands in its address; days are those of the person who looks. */
export interface AuditFilter {
  readonly kind?: AuditKind | undefined;
  /** `2026-11-20`; the whole day belongs to it. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly camera?: string | undefined;
  readonly actor?: string | undefined;
}

/** The same as the API asks for it. */
export function auditQuery({ actor, camera, from, kind, to }: AuditFilter): Record<string, string> {
  const begins = startOfDay(from, 0);
  const ends = startOfDay(to, 1);
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(begins === undefined ? {} : { from: begins }),
    ...(ends === undefined ? {} : { to: ends }),
    ...(camera === undefined ? {} : { camera }),
    ...(actor === undefined ? {} : { actor }),
  };
}

function startOfDay(day: string | undefined, later: number): string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? '') ?? [];
  if (year === undefined) return undefined;
  return new Date(Number(year), Number(month) - 1, Number(date) + later).toISOString();
}
