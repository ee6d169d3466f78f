/** Closes something that was opened. */
export type Closer = () => Promise<unknown>;

/**
 * Runs a task that opens things and adds for each how it is closed; afterwards, however the task ended, closes them all
 * in the opposite order. Rejects with the task's failure, or else with the first failure to close.
 */
export async function withCleanup<T>(task: (closers: Closer[]) => Promise<T>): Promise<T> {
  const closers: Closer[] = [];
  let result: T;
  try {
    result = await task(closers);
  } catch (failure) {
    await closeAll(closers);
    throw failure;
  }
  const [failure] = await closeAll(closers);
  if (failure !== undefined) throw failure;
  return result;
}

/** Closes all in the opposite order, and returns what failed. */
export async function closeAll(closers: readonly Closer[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const close of closers.toReversed()) await close().catch((failure) => failures.push(failure));
  return failures;
}
