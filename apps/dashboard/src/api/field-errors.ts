import type { Problem } from '@vedette/contracts';

/** What a problem says about each field, by the field's path in the request (`source.url`); the first wins. */
export function fieldErrors(problem: Problem | undefined): ReadonlyMap<string, string> {
  const errors = new Map<string, string>();
  for (const { path, message } of problem?.fields ?? []) {
    if (!errors.has(path)) errors.set(path, sentence(message));
  }
  return errors;
}

/** Whether every complaint is about a field that the form shows, so that nothing needs saying elsewhere. */
export function isFieldProblem(problem: Problem, shown: readonly string[]): boolean {
  const fields = problem.fields ?? [];
  return fields.length > 0 && fields.every(({ path }) => shown.includes(path));
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
