type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined: a change says what is to be changed. */
export function given<T extends object>(change: T): Given<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Given<T>;
}
