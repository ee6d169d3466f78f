import { SpikewireError } from '../error.ts';

/** A kind's own errors speak of its type; those of a graph must say where in it. */
export function placed<T>(where: string, run: () => T, problem = ''): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof SpikewireError)) throw cause;
    throw new SpikewireError(cause.code, where, problem + cause.message, undefined, cause);
  }
}
