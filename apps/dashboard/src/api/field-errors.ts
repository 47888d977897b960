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

/** What a schema says in its own words, as a person would. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/^Invalid input: expected (?:number|int)\b.*/, 'Enter a number.'],
  [/^Too small: expected string to have >=1 characters$/, 'Must not be empty.'],
  [/^Too small: expected array to have >=1 items$/, 'Choose at least one.'],
  [/^Too small: expected (?:number|int) to be >=(-?[\d.]+)$/, 'Must be at least $1.'],
  [/^Too big: expected (?:number|int) to be <=(-?[\d.]+)$/, 'Must be at most $1.'],
];

function sentence(message: string): string {
  for (const [pattern, plain] of PLAIN) if (pattern.test(message)) return message.replace(pattern, plain);
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
