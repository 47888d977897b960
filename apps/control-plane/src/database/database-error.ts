import { VedetteError } from '@vedette/runtime';

const UNIQUE_VIOLATION = '23505';
/**
 * SQLSTATE class 08 (connection), 57P0x (shut down), 53xxx (out of resources), 57014 and 55P03 (took too long),
 * 25006 (a standby that takes no writes), and what sockets say.
 */
const UNAVAILABLE =
  /^(08...|57P0.|53...|57014|55P03|25006|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH)$/;
/** What the pool says without a code. */
const UNREACHABLE =
  /connection (terminated|timeout)|timeout exceeded when trying to connect|timeout expired|not queryable|query read timeout/i;

/**
 * What went wrong in the database, without the values of the query: drivers and Drizzle put them into
 * their errors, and values are password hashes and sealed secrets.
 */
export class DatabaseError extends Error {
  /** SQLSTATE, such as 23505. */
  readonly code: string | undefined;
  readonly constraint: string | undefined;

  constructor(message: string, code: string | undefined, constraint: string | undefined) {
    super(message);
    this.name = 'DatabaseError';
    this.code = code;
    this.constraint = constraint;
  }

  get isUniqueViolation(): boolean {
    return this.code === UNIQUE_VIOLATION;
  }
}

const RETRY_AFTER_S = 2;

/** The same for whoever is refused at once, waited in vain, or was in the middle of something. */
export function databaseAway(): VedetteError {
  return new VedetteError('unavailable', {
    detail: 'The database cannot be reached.',
    retryAfterSeconds: RETRY_AFTER_S,
  });
}

interface DriverError {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly cause?: unknown;
  readonly query?: unknown;
}

/** Turns what a driver threw into ours; leaves errors alone that did not come from a database. */
export function fromDriver(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof VedetteError || thrown instanceof DatabaseError)
    return thrown;
  const driver = deepest(thrown);
  const code = typeof driver.code === 'string' ? driver.code : undefined;
  const message = String(driver.message ?? 'database error');
  if ((code !== undefined && UNAVAILABLE.test(code)) || UNREACHABLE.test(message)) return databaseAway();
  const fromDatabase = thrown.name === 'DrizzleQueryError' || /^[0-9A-Z]{5}$/.test(code ?? '');
  if (!fromDatabase) return thrown;
  return new DatabaseError(
    message,
    code,
    typeof driver.constraint === 'string' ? driver.constraint : undefined,
  );
}

function deepest(error: Error): DriverError {
  let current: DriverError = error;
  for (let depth = 0; depth < 5 && current.cause instanceof Error; depth++) current = current.cause;
  return current;
}
