import { SpikewireError } from '@spikewire/models';
import type { ExtensionKind } from './kind.ts';

/**
 * An entry of somebody else's package: what it throws by mistake is said in one line that names the package. Errors of
 * type `SpikewireError` stay what they are.
 */
export function guarded<Entry extends object>(
  { title, names, shape }: ExtensionKind<Entry>,
  entry: Entry,
  packageName: string,
): Entry {
  const where = `${packageName}: ${title} "${names(entry)[0]}"`;
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
  const methods = Object.keys(shape).flatMap((name) => {
    const method: unknown = entry[name as keyof Entry];
    return typeof method === 'function' ? [[name, guard(name, method as () => unknown)] as const] : [];
  });
  return Object.assign(Object.create(entry), Object.fromEntries(methods));
}

/** What somebody else's code threw, which may be anything. */
export function firstLine(problem: unknown): string {
  return (problem instanceof Error ? problem.message : String(problem)).split('\n')[0]!;
}
