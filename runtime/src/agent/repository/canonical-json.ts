import { type JsonTree, SpikewireError } from '@spikewire/models';

/**
 * The canonical form of JSON over which TUF signs (OLPC canonical JSON: names sorted by code point, no space, only `\`
 * and `"` escaped, whole numbers only), in UTF-8. Throws `file` for a fraction, which the form does not have.
 */
export function canonicalJson(tree: JsonTree, where: string): Buffer {
  return Buffer.from(canonicalText(tree, where));
}

function canonicalText(tree: JsonTree, where: string): string {
  if (typeof tree === 'string') return quoted(tree);
  if (Array.isArray(tree)) return `[${tree.map((each) => canonicalText(each, where)).join(',')}]`;
  if (tree instanceof Map) {
    const pairs = [...tree].sort(([a], [b]) => byCodePoint(a, b));
    return `{${pairs.map(([name, value]) => `${quoted(name)}:${canonicalText(value, where)}`).join(',')}}`;
  }
  if (typeof tree !== 'number' || Number.isSafeInteger(tree)) return String(tree === 0 ? 0 : tree);
  throw new SpikewireError('file', where, `has the number ${tree}`, 'whole numbers of at most 53 bits');
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Strings of JavaScript compare by 16 bits, which puts what is beyond U+FFFF (surrogates) before U+E000. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let k = 0; k < length; k++) {
    const difference = rank(a.charCodeAt(k)) - rank(b.charCodeAt(k));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Surrogates, 0xd800 to 0xdfff, after all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
