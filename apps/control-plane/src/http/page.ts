import { VedetteError } from '@vedette/runtime';
import { z } from 'zod';

/** Query of every list: `limit` items, going on after `cursor` as the page before answered it. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(2048).optional(),
});

/** Answer of every list; `nextCursor` is null on the last page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Opaque to callers; holds the sort key of the last item. */
export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Throws `invalid_request` naming `cursor` when it is not one of ours with `length` parts. */
export function decodeCursor(cursor: string, length: number): readonly string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const parsed = z.array(z.string().max(1000)).length(length).parse(key);
    if (parsed.every((part) => !part.includes('\0') && part.isWellFormed())) return parsed;
  } catch {
    // said below
  }
  throw new VedetteError('invalid_request', {
    fields: [{ path: 'cursor', message: 'is not a cursor that this list has answered' }],
  });
}

/** Cuts a page off a list that was read one item longer than asked for. */
export function cutPage<T>(
  found: readonly T[],
  limit: number,
  keyOf: (item: T) => readonly string[],
): { readonly items: readonly T[]; readonly nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: found.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}
