/** Days as the filter of the audit has them: `2026-11-20`, of the person who looks. */
export function localDay(atMs: number, daysLater = 0): string {
  const at = new Date(atMs);
  const day = new Date(at.getFullYear(), at.getMonth(), at.getDate() + daysLater);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
