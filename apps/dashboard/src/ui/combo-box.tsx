import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { classNames } from './class-names.ts';

export interface ComboOption<T> {
  readonly key: string;
  readonly label: string;
  /** What kind of thing it is, beside its name. */
  readonly note?: string;
  readonly value: T;
}

/** Type to find, arrows to choose, Enter to take: for choosing among more than fit into a list. */
export function ComboBox<T>(props: {
  readonly label: string;
  readonly placeholder?: string;
  readonly typed: string;
  readonly onTyped: (text: string) => void;
  /** What fits what was typed, best first; at most a handful. */
  readonly options: readonly ComboOption<T>[];
  readonly onChoose: (value: T) => void;
  readonly nothing?: string;
  readonly className?: string;
  readonly testId?: string;
}) {
  const { options } = props;
  const id = useId();
  const [open, setOpen] = useState(false);
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, Math.max(0, options.length - 1));
  const list = useRef<HTMLUListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has come since makes the list longer
  useEffect(() => {
    if (open) list.current?.scrollIntoView({ block: 'nearest' });
  }, [open, options.length]);
  const optionId = (index: number) => `${id}-${index}`;
  const choose = (index: number) => {
    const option = options[index];
    if (option === undefined) return;
    setOpen(false);
    setActive(0);
    props.onChoose(option.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (open)
        setActive(Math.max(0, Math.min(options.length - 1, active + (event.key === 'ArrowDown' ? 1 : -1))));
      setOpen(true);
    } else if (event.key === 'Enter') {
      // Never sends the form around it: the choice is not made yet.
      event.preventDefault();
      if (open) choose(active);
      else setOpen(true);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <div className={classNames('relative', props.className)}>
      <label htmlFor={id} className="mb-1 block text-xs font-medium text-muted">
        {props.label}
      </label>
      <div className="flex h-9 items-center gap-2 rounded-md border border-field-line bg-bg px-2.5 focus-within:outline-2 focus-within:outline-accent hover:border-muted">
        <Search aria-hidden className="size-4 shrink-0 text-faint" strokeWidth={1.75} />
        <input
          id={id}
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open && options.length > 0 ? optionId(active) : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={props.placeholder}
          value={props.typed}
          onChange={(event) => {
            props.onTyped(event.target.value);
            setActive(0);
            setOpen(true);
          }}
          onClick={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
          className="min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
          data-testid={props.testId}
        />
      </div>
      {/* In the flow and not floating, so that a dialog that scrolls never hides half of it. */}
      <ul
        id={`${id}-list`}
        ref={list}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern of the combo box
        role="listbox"
        aria-label={props.label}
        hidden={!open}
        className="mt-1 max-h-64 overflow-y-auto rounded-md border border-line-strong bg-raised p-1 shadow-lg"
      >
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the input above
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input above
          <li
            key={option.key}
            id={optionId(index)}
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern of the combo box
            role="option"
            aria-selected={index === active}
            onMouseDown={(event) => event.preventDefault()}
            onMouseMove={() => setActive(index)}
            onClick={() => choose(index)}
            className="flex h-8 items-center gap-3 rounded-sm px-2 aria-selected:bg-hover"
            data-testid={`option-${option.key}`}
          >
            <span className="min-w-0 flex-1 truncate">{option.label}</span>
            {option.note !== undefined && <span className="shrink-0 text-xs text-faint">{option.note}</span>}
          </li>
        ))}
        {options.length === 0 && <li className="px-2 py-1 text-faint">{props.nothing ?? 'Nothing found'}</li>}
      </ul>
    </div>
  );
}
