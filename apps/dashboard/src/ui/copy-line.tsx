import { Check, Copy } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from './button.tsx';

/** A value to be carried elsewhere: whole, selectable, and copied by one press. */
export function CopyLine(props: {
  readonly label: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly testId?: string;
}) {
  const [outcome, setOutcome] = useState<'copied' | 'selected'>();
  const text = useRef<HTMLElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.value);
      setOutcome('copied');
    } catch {
      // Without TLS a browser keeps its clipboard to itself.
      if (text.current !== null) getSelection()?.selectAllChildren(text.current);
      setOutcome('selected');
    }
  };
  return (
    <div className="py-1.5">
      <p className="mb-1 text-xs font-medium text-muted">{props.label}</p>
      <div className="flex items-start gap-2">
        <code
          ref={text}
          className="min-w-0 flex-1 rounded-md border bg-bg px-2.5 py-1.5 font-mono text-xs leading-5 break-all select-all"
          data-testid={props.testId}
        >
          {props.value}
        </code>
        <Button
          icon={outcome === 'copied' ? Check : Copy}
          onClick={() => void copy()}
          aria-label={`Copy ${props.label.toLowerCase()}`}
        >
          {outcome === 'copied' ? 'Copied' : outcome === 'selected' ? 'Press Ctrl+C' : 'Copy'}
        </Button>
      </div>
      {props.note !== undefined && <p className="mt-1 text-xs text-faint">{props.note}</p>}
    </div>
  );
}
