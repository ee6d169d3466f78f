import type { JsonTree } from '@spikewire/models';
import { canonicalJson, ROLES } from 'spikewire/agent';

type Signed = ReadonlyMap<string, JsonTree>;

/**
 * What is different in a new list of models or a new root, a line each: whoever adds a signature must see for what. The
 * other signature may be that of a thief.
 */
export function changesOf(role: 'root' | 'targets', before: Signed, after: Signed): readonly string[] {
  const [old, now] = [before, after].map((signed) => membersOf(role, signed)) as [Signed, Signed];
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].flatMap((name) => {
    if (!old.has(name)) return [`${name}: new`];
    if (!now.has(name)) return [`${name}: withdrawn`];
    const isSame = canonicalJson(old.get(name)!, name).equals(canonicalJson(now.get(name)!, name));
    return isSame ? [] : [`${name}: replaced`];
  });
}

/** Models by name, or the keys of each role. */
function membersOf(role: 'root' | 'targets', signed: Signed): Signed {
  if (role === 'targets') return signed.get('targets') as Signed;
  const roles = signed.get('roles') as Signed;
  return new Map(ROLES.map((each) => [`keys of ${each}`, roles.get(each)!]));
}
