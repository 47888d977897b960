// Wires the access room: who there is, who asks, who may. Nothing here listens or speaks HTTP.
import type { UserId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { Database } from '../database/database.ts';
import { AccountService } from './account-service.ts';
import { ApiTokenStore } from './api-token-store.ts';
import { Authenticator } from './authenticator.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { PathIdentity } from './path-identity.ts';
import { SignInService } from './sign-in.ts';
import { SignInStore } from './sign-in-store.ts';
import { UserStore } from './user-store.ts';

/** A sign-in ends twelve hours after its last use, and twelve hours after it began: one shift. */
const IDLE_MS = 12 * 60 * 60_000;
const ABSOLUTE_MS = 12 * 60 * 60_000;

export interface Access {
  readonly users: UserStore;
  readonly signIns: SignInStore;
  readonly apiTokens: ApiTokenStore;
  readonly hasher: PasswordHasher;
  readonly authenticator: Authenticator;
  readonly accounts: AccountService;
  readonly signInService: SignInService;
  /** Of those who speak to nodes. */
  readonly pathIdentity: PathIdentity;
  /** Another control process has changed the rights of a user or token. */
  forget(id: UserId): void;
}

export function openAccess(options: {
  readonly database: Database;
  readonly adminToken: string;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
}): Access {
  const { database, adminToken, hasher, clock } = options;
  const users = new UserStore({ database });
  const signIns = new SignInStore({ database });
  const apiTokens = new ApiTokenStore({ database });
  const authenticator = new Authenticator({ users, signIns, apiTokens, adminToken, idleMs: IDLE_MS, clock });
  const signInService = new SignInService({ users, signIns, hasher, absoluteMs: ABSOLUTE_MS, clock });
  const pathIdentity = new PathIdentity({ authenticator, signIns: signInService, clock });
  const forget = (id: string) => {
    authenticator.forget(id);
    pathIdentity.forget(id);
  };
  const accounts = new AccountService({
    users,
    signIns,
    apiTokens,
    hasher,
    clock,
    forget,
  });
  return { users, signIns, apiTokens, hasher, authenticator, accounts, signInService, pathIdentity, forget };
}
