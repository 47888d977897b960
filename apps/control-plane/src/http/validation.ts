import { VedetteError } from '@vedette/runtime';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

type Field = { readonly path: string; readonly message: string };
const MAX_FIELDS = 20;

/** Checks what comes in by the zod schema of the route; what is wrong is named field by field. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema }) => {
  return (data: unknown) => {
    const result = z.safeParse(schema, data);
    const fields = result.success ? unstorable(data, []) : result.error.issues.flatMap(fieldsOf);
    if (result.success && fields.length === 0) return { value: result.data };
    return { error: new VedetteError('invalid_request', { fields: fields.slice(0, MAX_FIELDS) }) };
  };
};

/** Also used where a check needs more than a schema can say. */
export function invalidFields(...fields: readonly Field[]): VedetteError {
  return new VedetteError('invalid_request', { fields });
}

function fieldsOf(issue: z.core.$ZodIssue): readonly Field[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key.slice(0, 100)].join('.'),
      message: 'there is no such field',
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return [{ path, message: issue.message || 'is none of the allowed forms' }];
  return [{ path, message: issue.message }];
}

/** No database stores a NUL character or half of a surrogate pair in a text. */
function unstorable(value: unknown, path: readonly string[]): readonly Field[] {
  if (typeof value === 'string') {
    if (value.includes('\0')) return [{ path: path.join('.'), message: 'must not contain a NUL character' }];
    if (!value.isWellFormed()) return [{ path: path.join('.'), message: 'is not well-formed Unicode' }];
    return [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => unstorable(inner, [...path, key]));
}
