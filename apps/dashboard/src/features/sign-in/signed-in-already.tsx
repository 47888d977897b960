import { Navigate } from '@tanstack/react-router';

/** `/sign-in` for who is signed in, also right after signing in there: on to the wall. */
export default function SignedInAlready() {
  return <Navigate to="/" replace />;
}
