/** `3 h 05 min`, `12 min`, `40 s`. */
export function durationWords(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

export const SPANS = [
  { value: '1', label: 'Last day' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '90', label: 'Last 90 days' },
] as const;
export type Span = (typeof SPANS)[number]['value'];

/** So many days up to the end of the hour that runs, so that the question stays the same for a while. */
export function spanOf(days: number, nowMs: number): { readonly from: string; readonly to: string } {
  const hour = 60 * 60_000;
  const to = Math.ceil(nowMs / hour) * hour;
  return { from: new Date(to - days * 24 * hour).toISOString(), to: new Date(to).toISOString() };
}
