import { createRequire } from 'node:module';
import { sourceOf } from '../../companion.ts';
import type { Check, CheckResult } from './check.ts';

const COMPANIONS = ['@spikewire/trainer', '@spikewire/exchange', '@spikewire/devices'];

/** Which of the other packages are here, in which version. */
export const packages: Check = {
  name: 'packages',
  look: async () => {
    const require = createRequire(import.meta.url);
    const own = versionOf(require, 'spikewire');
    return COMPANIONS.map((name) => judgePackage(name, versionOf(require, name), own));
  },
};

export function judgePackage(name: string, version: string | undefined, own: string | undefined): CheckResult {
  if (version === undefined) return { state: 'note', found: `${name} is not installed`, advice: sourceOf(name) };
  const found = `${name} ${version}`;
  if (own === undefined || version === own) return { state: 'ok', found };
  return { state: 'note', found: `${found} beside spikewire ${own}`, advice: `${sourceOf(name)}, of version ${own}` };
}

function versionOf(require: NodeJS.Require, name: string): string | undefined {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}
