import { type RefObject, useEffect } from 'react';

/** When a form was refused, the first field that is wrong gets the focus, wherever it is in a long form. */
export function useFocusInvalid(form: RefObject<HTMLFormElement | null>, problem: unknown): void {
  useEffect(() => {
    if (problem !== undefined) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem, form]);
}
