import { SpikewireError } from '@spikewire/models';
import type { CheckedEntry } from './entries.ts';
import type { ExtensionKind } from './kind.ts';

/**
 * An entry of somebody else's package: what it throws by mistake is said in one line that names the package. Errors of
 * type `SpikewireError` stay what they are.
 */
export function guarded<Entry extends object>(
  { title, names }: ExtensionKind<Entry>,
  { entry, checked }: CheckedEntry<Entry>,
  packageName: string,
): Entry {
  const where = `${packageName}: ${title} "${names(checked)[0]}"`;
  const failure = (method: string, problem: unknown) =>
    problem instanceof SpikewireError
      ? problem
      : new SpikewireError('unsupported', where, `${method} failed (${firstLine(problem)})`, undefined, problem);
  const guard = (name: string, method: (...words: unknown[]) => unknown) =>
    function call(...words: unknown[]): unknown {
      try {
        const result = method.apply(entry, words);
        if (!(result instanceof Promise)) return result;
        return result.catch((problem: unknown) => {
          throw failure(name, problem);
        });
      } catch (problem) {
        throw failure(name, problem);
      }
    };
  const values = Object.entries(checked).map(([name, value]) => [
    name,
    typeof value === 'function' ? guard(name, value as () => unknown) : value,
  ]);
  return Object.fromEntries(values) as Entry;
}

/** The beginning of what somebody else's code threw, which may be anything. */
export function firstLine(problem: unknown): string {
  try {
    return String(problem instanceof Error ? problem.message : problem).split('\n')[0]!;
  } catch {
    return 'what it threw is no text';
  }
}
