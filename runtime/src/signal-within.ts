/**
 * Aborted with `signal`, or after so many milliseconds. `AbortSignal.any([signal, AbortSignal.timeout(…)])` is not enough
 * in Node 20: a timeout to which nobody listens directly is collected as garbage, and never comes.
 */
export function signalWithin(milliseconds: number, signal: AbortSignal): AbortSignal {
  const late = AbortSignal.timeout(milliseconds);
  late.addEventListener('abort', () => {}, { once: true });
  return AbortSignal.any([signal, late]);
}
