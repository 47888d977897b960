import { useEffect, useState } from 'react';
import { formatAge } from '../format/format-age.ts';

/** The present, renewed every `everyMs`; for whatever counts up on the screen. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** How long ago, with the moment itself as its title. */
export function Since({ at }: { readonly at: string }) {
  const now = useNow(1000);
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {formatAge(now - Date.parse(at))}
    </time>
  );
}
