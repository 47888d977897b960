import { lazy, Suspense } from 'react';

const SignInPage = lazy(() => import('../features/sign-in/sign-in-page.tsx'));

export function SignInGate() {
  return (
    <Suspense fallback={null}>
      <SignInPage />
    </Suspense>
  );
}
