import { useState } from 'react';

export interface Draft<T> {
  readonly value: T;
  readonly set: (value: T) => void;
  /** The version that it began from, to be sent along. */
  readonly basedOn: number;
  readonly isChanged: boolean;
  /** Somebody has saved another version since: this one would be refused. */
  readonly isOvertaken: boolean;
  /** Drops what was changed and begins from what is kept now. */
  readonly startOver: () => void;
  /** What was just saved is what it begins from now. */
  readonly saved: (kept: Kept<T>) => void;
}

export interface Kept<T> {
  readonly version: number;
  readonly value: T;
}

/** A document that is changed in the page and saved as a whole; it follows what is kept as long as nothing was changed. */
export function useDraft<T>(kept: Kept<T>): Draft<T> {
  const [base, setBase] = useState(kept);
  const [value, set] = useState(kept.value);
  const isChanged = JSON.stringify(value) !== JSON.stringify(base.value);
  const isNewer = kept.version > base.version;
  const begin = (from: Kept<T>) => {
    setBase(from);
    set(from.value);
  };
  // While drawing, so that nothing old is shown between.
  if (isNewer && !isChanged) begin(kept);
  return {
    value,
    set,
    basedOn: base.version,
    isChanged,
    isOvertaken: isNewer && isChanged,
    startOver: () => begin(kept.version > base.version ? kept : base),
    saved: begin,
  };
}
