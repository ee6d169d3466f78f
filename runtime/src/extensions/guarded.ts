import type { CheckedEntry } from './entries.ts';
import { ForeignCode } from './foreign-code.ts';
import type { ExtensionKind, GuardedCall, Requirement } from './kind.ts';

const directly: GuardedCall = (method, words) => method(...words);

/**
 * An entry of somebody else's package: what it throws by mistake is said in one line that names the package. Errors of
 * type `SpikewireError` stay what they are.
 */
export function guarded<Entry extends object>(
  { title, names, shape }: ExtensionKind<Entry>,
  { entry, checked }: CheckedEntry<Entry>,
  packageName: string,
): Entry {
  const code = new ForeignCode(`${packageName}: ${title} "${names(checked)[0]}"`);
  const guard = (name: string, method: (...words: unknown[]) => unknown) => {
    const { result, call = directly } = shape[name as keyof Entry & string] as Requirement;
    const own = method.bind(entry);
    if (result === undefined) return (...words: unknown[]) => code.call(name, () => own(...words));
    return (...words: unknown[]) => code.wait(name, async () => result(await call(own, words, code), code));
  };
  const values = Object.entries(checked).map(([name, value]) => [
    name,
    typeof value === 'function' ? guard(name, value as () => unknown) : value,
  ]);
  return Object.fromEntries(values) as Entry;
}
