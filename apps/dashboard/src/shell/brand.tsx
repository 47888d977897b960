/** The mark and the name. */
export function Brand({ className }: { readonly className?: string }) {
  return (
    <span className={`flex items-center gap-2 ${className ?? ''}`}>
      <svg aria-hidden="true" viewBox="0 0 24 24" className="size-5" fill="none">
        <path
          d="M3 6.5 12 21l9-14.5"
          className="stroke-accent"
          strokeWidth="2.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <circle cx="12" cy="7" r="2.6" className="fill-text" />
      </svg>
      <span className="text-base font-semibold tracking-tight">Vedette</span>
    </span>
  );
}
