import { describeValue, SpikewireError } from '@spikewire/models';

/** What a package may bring; the word is that of its package.json. */
export const extensionFields = [
  'drivers',
  'sensors',
  'formats',
  'commands',
  'data',
  'recordings',
  'boards',
  'trials',
] as const;

export type ExtensionField = (typeof extensionFields)[number];

/** The path of a module for each kind of thing that a package brings, relative to the package's folder. */
export type ExtensionModules = Readonly<Partial<Record<ExtensionField, string>>>;

/** The interface between spikewire and packages that extend it; it grows where an old package would no longer work. */
const INTERFACE = 1;

/**
 * What the field `spikewire` of a package.json says, or undefined where there is none. Throws `unsupported` with the
 * package's name in front for what cannot be understood.
 */
export function modulesOf(packageName: string, manifest: object): ExtensionModules | undefined {
  const { spikewire: field } = manifest as { spikewire?: unknown };
  if (field === undefined) return undefined;
  const refuse = (problem: string, expected: string) =>
    new SpikewireError('unsupported', `${packageName}: package.json`, problem, expected);
  if (typeof field !== 'object' || field === null || Array.isArray(field)) {
    throw refuse(`has "spikewire": ${describeValue(field)}`, `an object with any of ${extensionFields.join(', ')}`);
  }
  const { interface: version = INTERFACE, ...modules } = field as Record<string, unknown>;
  if (version !== INTERFACE) {
    throw refuse(`is for interface ${describeValue(version)} of spikewire`, `interface ${INTERFACE}`);
  }
  for (const [key, path] of Object.entries(modules)) {
    if (!extensionFields.some((known) => known === key)) {
      throw refuse(`has unknown "${key}" in "spikewire"`, extensionFields.join(', '));
    }
    if (typeof path !== 'string' || !path.startsWith('./')) {
      throw refuse(`has "${key}": ${describeValue(path)}`, 'the path of a module, such as "./dist/index.js"');
    }
  }
  return modules as ExtensionModules;
}
