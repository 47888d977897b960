// JSON Schema in, values that fit it out, and values that nearly do. Knows what zod writes, and no more.
import fc from 'fast-check';
import { z } from 'zod';

const Schema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
});

const FORMATS: Record<string, fc.Arbitrary<string>> = {
  'date-time': fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((date) => date.toISOString()),
  uri: fc.constantFrom('http://hooks.example/x', 'http://10.0.0.1/x', 'rtsp://10.0.0.1/x'),
  cidrv4: fc.constant('10.0.0.0/8'),
  cidrv6: fc.constant('2001:db8::/32'),
  ipv4: fc.constant('10.0.0.1'),
  ipv6: fc.constant('2001:db8::1'),
};

/** Values that fit a schema, as far as it says so; texts are now and then one of the words, where they fit. */
export function valuesOf(schema: unknown, words: readonly string[] = [], depth = 0): fc.Arbitrary<unknown> {
  const parsed = Schema.safeParse(schema);
  if (!parsed.success || depth > 6) return fc.constant(null);
  const s = parsed.data;
  if (s.const !== undefined) return fc.constant(s.const);
  if (s.enum !== undefined && s.enum.length > 0) return fc.constantFrom(...s.enum);
  const forms = s.anyOf ?? s.oneOf ?? s.allOf;
  if (forms !== undefined && forms.length > 0)
    return fc.oneof(...forms.map((form) => valuesOf(form, words, depth + 1)));
  const types = s.type === undefined ? [] : [s.type].flat();
  if (types.length > 1) return fc.oneof(...types.map((type) => valuesOf({ ...s, type }, words, depth + 1)));
  switch (types[0]) {
    case 'string':
      return textFor(s, words);
    case 'integer':
      return fc.oneof(
        fc.constantFrom(
          ...[0, 1, 2, 5].filter((n) => n >= (s.minimum ?? 0) && n <= (s.maximum ?? 9)),
          s.maximum ?? 9,
        ),
        fc.integer({ min: bounded(s.minimum, -1000), max: bounded(s.maximum, 100_000) }),
      );
    case 'number':
      return fc.double({ min: bounded(s.minimum, -1000), max: bounded(s.maximum, 1000), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(s.items, words, depth + 1), {
        minLength: s.minItems ?? 0,
        maxLength: Math.max(s.minItems ?? 0, Math.min(s.maxItems ?? 3, 3)),
      });
    case 'object':
      return objectFor(s, words, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Most of what may be left out is: one wrong part is enough to have the whole refused. */
function objectFor(
  s: z.infer<typeof Schema>,
  words: readonly string[],
  depth: number,
): fc.Arbitrary<unknown> {
  const parts = Object.entries(s.properties ?? {}).map(([name, inner]): [string, fc.Arbitrary<unknown>] => {
    const value = valuesOf(inner, words, depth + 1);
    if (s.required?.includes(name) === true) return [name, value];
    return [name, seldom(value)];
  });
  return fc
    .record(Object.fromEntries(parts))
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)));
}

/** Undefined three times out of four. */
export function seldom<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

function textFor(s: z.infer<typeof Schema>, words: readonly string[]): fc.Arbitrary<string> {
  const known = s.format === undefined ? undefined : FORMATS[s.format];
  if (known !== undefined) return known;
  const least = s.minLength ?? 0;
  const fits = (text: string) => text.length >= least && text.length <= (s.maxLength ?? text.length);
  if (s.pattern !== undefined) {
    try {
      const pattern = new RegExp(s.pattern);
      const right = words.filter((text) => fits(text) && pattern.test(text));
      const any = fc.stringMatching(pattern);
      return right.length === 0 ? any : fc.oneof(any, fc.constantFrom(...right));
    } catch {
      return fc.constant('a1');
    }
  }
  return fc.oneof(
    fc.string({ minLength: least, maxLength: Math.min(s.maxLength ?? 20, least + 20) }),
    fc.constantFrom('a name', 'operator', ...words.filter(fits)),
  );
}

function bounded(limit: number | undefined, otherwise: number): number {
  return limit === undefined ? otherwise : Math.max(-1e9, Math.min(1e9, limit));
}

/** What nobody sends who means well. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    '\0',
    'a\0b',
    '\ud800',
    '../../etc/passwd',
    "' or 1=1 --",
    '%00',
    'x'.repeat(5000),
    -1,
    1e308,
    2 ** 53,
    [],
    {},
    null,
    [[[[[[[[[[]]]]]]]]]],
    { constructor: { prototype: 1 } },
    'http://169.254.169.254/latest/meta-data',
    '\u202e\u0000\u{1f600}',
  ),
);

/** One that fits, with one part of it replaced, or one too many. */
export function nearly(schema: unknown, words: readonly string[] = []): fc.Arbitrary<unknown> {
  return fc
    .tuple(valuesOf(schema, words), hostile, fc.nat(), fc.boolean())
    .map(([value, wrong, at, adds]) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong;
      const keys = Object.keys(value);
      const key = adds || keys.length === 0 ? 'nobodyKnowsThis' : keys[at % keys.length];
      return { ...value, [key ?? 'nobodyKnowsThis']: wrong };
    });
}
