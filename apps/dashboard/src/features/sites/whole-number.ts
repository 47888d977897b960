/** What was typed into a field for a number; empty is null. What is no number is left for control to refuse. */
export function wholeNumber(typed: string): number | null {
  return typed.trim() === '' ? null : Number(typed);
}
