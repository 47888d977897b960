import type { Problem } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { fieldErrors, isFieldProblem } from './field-errors.ts';

const problem: Problem = {
  type: '',
  title: 'Invalid request',
  status: 400,
  detail: 'Correct the named fields.',
  code: 'invalid_request',
  fields: [
    { path: 'source.url', message: 'must begin with rtsp://' },
    { path: 'source.url', message: 'is not a URL' },
  ],
};

describe('errors of fields', () => {
  it('read as sentences, the first of each field', () => {
    expect([...fieldErrors(problem)]).toEqual([['source.url', 'Must begin with rtsp://.']]);
    expect(fieldErrors(undefined).size).toBe(0);
  });

  it('say in plain words what a schema says in its own', () => {
    const said = (message: string) => fieldErrors({ ...problem, fields: [{ path: 'n', message }] }).get('n');
    expect(said('Invalid input: expected number, received null')).toBe('Enter a number.');
    expect(said('Too big: expected number to be <=1000')).toBe('Must be at most 1000.');
    expect(said('Too small: expected string to have >=1 characters')).toBe('Must not be empty.');
  });

  it('need saying elsewhere when the form does not show the field, or none is named', () => {
    expect(isFieldProblem(problem, ['source.url'])).toBe(true);
    expect(isFieldProblem(problem, ['name'])).toBe(false);
    expect(isFieldProblem({ ...problem, fields: [] }, ['name'])).toBe(false);
  });
});
