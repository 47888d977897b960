import { useState } from 'react';

/** A yes or no that this browser remembers. */
export function useKeptFlag(key: string, first: boolean): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => {
    const kept = localStorage.getItem(key);
    return kept === null ? first : kept === 'yes';
  });
  const keep = (next: boolean) => {
    localStorage.setItem(key, next ? 'yes' : 'no');
    setOn(next);
  };
  return [on, keep];
}
