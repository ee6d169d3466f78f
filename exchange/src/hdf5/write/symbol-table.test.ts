import { expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.ts';
import { placeSymbols } from './symbol-table.ts';

const [LEVEL, COUNT, LEFT, RIGHT, FIRST_CHILD] = [5, 6, 8, 16, 32];

it.each([
  [0, [1]],
  [256, [1]],
  [257, [1, 2]],
  [9000, [1, 2, 36]],
])('the nodes of each level know their neighbours: %i names', (count, nodesOfLevels) => {
  const file = new ByteWriter().zeros(96);
  const names = Array.from({ length: count }, (_, k) => ({ name: new TextEncoder().encode(`n${k}`), object: k }));
  const { tree } = placeSymbols(names, file);
  const view = new DataView(file.finish().slice().buffer);
  const long = (at: number) => BigInt.asIntN(64, view.getBigUint64(at, true));
  const found: number[] = [];
  for (let first = tree; ; first = Number(long(first + FIRST_CHILD))) {
    let [before, nodes] = [-1n, 0];
    for (let at = BigInt(first); at !== -1n; at = long(Number(at) + RIGHT)) {
      expect(long(Number(at) + LEFT)).toBe(before);
      before = at;
      nodes++;
    }
    found.push(nodes);
    if (view.getUint8(first + LEVEL) === 0) break;
  }
  expect(found).toEqual(nodesOfLevels);
  expect(view.getUint16(tree + COUNT, true)).toBe(found[1] ?? Math.ceil(count / 8));
});
