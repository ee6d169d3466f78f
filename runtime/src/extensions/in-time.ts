/**
 * What `work` gives, unless it takes longer than `limit` milliseconds or `signal` is aborted before: then it rejects
 * with the failure for that reason, and the signal that `work` has got is aborted. Node ends without a word where work
 * waits for nothing that will come: the timer keeps it running until then.
 */
export async function inTime<Result>(
  limit: number,
  work: (signal: AbortSignal) => Result | Promise<Result>,
  failure: (reason: string) => Error,
  signal?: AbortSignal,
): Promise<Result> {
  if (signal?.aborted) throw failure('was stopped');
  const ending = new AbortController();
  const late = new Promise<never>((_resolve, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason));
  });
  const timer = setTimeout(() => ending.abort(failure(`takes more than ${limit / 1000} s`)), limit);
  const stop = () => ending.abort(failure('was stopped'));
  signal?.addEventListener('abort', stop);
  try {
    return await Promise.race([late, work(ending.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
