import { classNames } from './class-names.ts';

/** A share from 0 to 1 as a bar with its figure; coloured only when it is high. */
export function LoadBar(props: { readonly share: number; readonly label: string }) {
  const share = Math.max(0, Math.min(1, props.share));
  return (
    <div className="w-32">
      <p className="text-right leading-5">{props.label}</p>
      {/* The figure above says the same. */}
      <div aria-hidden className="h-1 overflow-hidden rounded-full bg-line">
        <div
          className={classNames(
            'h-full rounded-full',
            share > 0.9 ? 'bg-bad' : share > 0.7 ? 'bg-warn' : 'bg-muted',
          )}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}
