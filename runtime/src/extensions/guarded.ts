import type { CheckedEntry } from './entries.ts';
import { ForeignCode } from './foreign-code.ts';
import type { ExtensionKind, Requirement } from './kind.ts';

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
    const { result } = shape[name as keyof Entry & string] as Requirement;
    if (result === undefined) return (...words: unknown[]) => code.call(name, () => method.apply(entry, words));
    return (...words: unknown[]) => code.wait(name, async () => result(await method.apply(entry, words), code));
  };
  const values = Object.entries(checked).map(([name, value]) => [
    name,
    typeof value === 'function' ? guard(name, value as () => unknown) : value,
  ]);
  return Object.fromEntries(values) as Entry;
}
