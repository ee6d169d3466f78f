/** Asks for all values of a tree that was read from an HDF5 file. */
export function readAll(node) {
  if (node.kind === 'other') return;
  for (const { values } of node.attributes.values()) if (values === undefined) throw new Error('has no values');
  if (node.kind === 'group') {
    for (const child of node.children.values()) readAll(child);
    return;
  }
  const count = node.shape.reduce((product, size) => product * size, 1);
  if (node.values.length !== count) throw new Error(`has ${node.values.length} values for the shape ${node.shape}`);
}
