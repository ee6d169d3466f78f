import type { Hdf5Node } from './tree.ts';

/** Asks for all values of a tree. */
export function readAll(node: Hdf5Node): void {
  if (node.kind === 'other') return;
  for (const { values } of node.attributes.values()) void values;
  if (node.kind === 'dataset') void node.values;
  else for (const child of node.children.values()) readAll(child);
}

/** Lets all names of a file's one group lead to the object of the first. */
export function withOneObject(written: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(written);
  const [view, buffer] = [new DataView(bytes.buffer), Buffer.from(bytes)];
  const [HEAD, ENTRY, OBJECT] = [8, 40, 8];
  const first = bytes.slice(buffer.indexOf('SNOD') + HEAD + OBJECT).subarray(0, 8);
  for (let at = buffer.indexOf('SNOD'); at >= 0; at = buffer.indexOf('SNOD', at + 1)) {
    for (let k = 0; k < view.getUint16(at + 6, true); k++) bytes.set(first, at + HEAD + k * ENTRY + OBJECT);
  }
  return bytes;
}
