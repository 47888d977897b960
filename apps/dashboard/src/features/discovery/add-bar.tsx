import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { type Credentials, count } from './found-words.ts';

const INPUT =
  'h-8 w-44 rounded-md border border-field-line bg-bg px-2.5 text-sm placeholder:text-faint hover:border-muted';

/** Credentials once for all that is selected. They stay in this page and go to control only. */
export function AddBar(props: {
  readonly selected: number;
  readonly busy: boolean;
  readonly onAdd: (credentials: Credentials) => void;
}) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!props.busy && props.selected > 0) props.onAdd({ username: username.trim(), password });
  };
  return (
    <form
      onSubmit={submit}
      className="flex shrink-0 flex-wrap items-center gap-3 border-t bg-surface px-6 py-3"
      data-testid="discovery-add-bar"
    >
      <p className="min-w-60 flex-1 text-muted">
        {props.selected === 0 ? (
          'Select devices to add them as ONVIF cameras.'
        ) : (
          <>
            <span className="font-medium text-text">{props.selected} selected.</span> They are added as ONVIF
            cameras, all with these credentials.
          </>
        )}
      </p>
      <input
        aria-label="User name"
        placeholder="User name"
        autoComplete="off"
        spellCheck={false}
        value={username}
        onChange={(event) => setUsername(event.target.value)}
        className={INPUT}
        data-testid="discovery-username"
      />
      <input
        aria-label="Password"
        placeholder="Password"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        className={INPUT}
        data-testid="discovery-password"
      />
      <Button
        kind="primary"
        type="submit"
        busy={props.busy}
        disabled={props.selected === 0}
        data-testid="discovery-add"
      >
        {props.selected === 0 ? 'Add cameras' : `Add ${count(props.selected, 'camera')}`}
      </Button>
    </form>
  );
}
