import { type RefObject, useLayoutEffect, useState } from 'react';

export interface Range {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

/** Rows of equal height that a scrolled box shows, and a few around them so that scrolling finds them drawn. */
export function visibleRange(box: {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly rows: number;
  readonly margin: number;
}): Range {
  const first = Math.floor(box.scrollTop / box.rowHeight) - box.margin;
  const end = Math.ceil((box.scrollTop + box.height) / box.rowHeight) + box.margin;
  return { first: Math.max(0, Math.min(first, box.rows)), end: Math.max(0, Math.min(end, box.rows)) };
}

/** The rows to draw now; follows scrolling and resizing of the box. */
export function useVisibleRange(
  box: RefObject<HTMLElement | null>,
  options: { readonly rowHeight: number; readonly rows: number },
): Range {
  const { rowHeight, rows } = options;
  const [range, setRange] = useState<Range>({ first: 0, end: Math.min(rows, 40) });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => {
      const { scrollTop, clientHeight } = element;
      const next = visibleRange({ scrollTop, height: clientHeight, rowHeight, rows, margin: 8 });
      setRange((old) => (old.first === next.first && old.end === next.end ? old : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [box, rowHeight, rows]);
  return range;
}
