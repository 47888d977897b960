import { type ComponentProps, useId } from 'react';
import { TextField } from './field.tsx';

/** A time zone by its name, `Europe/Berlin`; the browser offers those it knows. */
export function TimeZoneField(props: Omit<ComponentProps<typeof TextField>, 'list' | 'type'>) {
  const id = useId();
  return (
    <>
      <TextField autoComplete="off" spellCheck={false} {...props} list={id} />
      <datalist id={id}>
        {['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
