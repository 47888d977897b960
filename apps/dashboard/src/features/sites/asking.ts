/** What a section asks for now: something new, a change of one, or whether to delete it. */
export type Asking<T> =
  | { readonly what: 'add' }
  | { readonly what: 'edit' | 'delete'; readonly of: T }
  | undefined;

/** `1 camera`, `3 cameras`. */
export function camerasWords(count: number): string {
  return `${count} ${count === 1 ? 'camera' : 'cameras'}`;
}
