import type { Problem } from '@vedette/contracts';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useServices } from '../../api/services.ts';
import { Brand } from '../../shell/brand.tsx';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { providerAddress, providerFailure } from './provider-failure.ts';
import { signInFailure } from './sign-in-failure.ts';

/** Name and password. What is wrong is said in a line that has its room from the beginning. */
export default function SignInPage() {
  const { api, session } = useServices();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [provider, setProvider] = useState<string | null>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const failed = providerFailure(location.search);

  useEffect(() => {
    let isGone = false;
    void api.signInOptions().then((result) => {
      if (result.ok && !isGone) setProvider(result.value.provider);
    });
    return () => {
      isGone = true;
    };
  }, [api]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    const result = await api.signIn(name.trim(), password);
    setBusy(false);
    if (result.ok) {
      session.signedIn(result.value);
      return;
    }
    setProblem(result.problem);
    passwordField.current?.focus();
    passwordField.current?.select();
  };
  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'));

  return (
    <main className="flex h-full flex-col items-center justify-center px-6 pb-[12vh]">
      <title>Sign in · Vedette</title>
      <form
        onSubmit={(event) => void submit(event)}
        onKeyDown={watchCapsLock}
        onKeyUp={watchCapsLock}
        className="w-full max-w-80"
        aria-label="Sign in"
      >
        <Brand className="mb-8 scale-125 origin-left" />
        <h1 className="sr-only">Sign in to Vedette</h1>
        <TextField
          label="Name"
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          value={name}
          onValue={setName}
          data-testid="sign-in-name"
        />
        <TextField
          ref={passwordField}
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onValue={setPassword}
          hint={capsLock ? 'Caps Lock is on.' : undefined}
          data-testid="sign-in-password"
        />
        <Button
          kind="primary"
          type="submit"
          busy={busy}
          className="mt-2 h-9 w-full"
          data-testid="sign-in-submit"
        >
          {busy ? 'Signing in' : 'Sign in'}
        </Button>
        <div
          role="alert"
          data-testid="sign-in-error"
          data-code={problem?.code}
          className="mt-4 min-h-16 text-sm text-bad"
        >
          {problem === undefined ? failed : signInFailure(problem)}
        </div>
        {provider !== null && (
          <a
            href={providerAddress(location.pathname, location.search)}
            className="flex h-9 w-full items-center justify-center rounded-md border border-line-strong bg-raised text-sm hover:bg-hover"
            data-testid="sign-in-provider"
          >
            {provider}
          </a>
        )}
      </form>
    </main>
  );
}
