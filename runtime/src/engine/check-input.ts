import { elementCount, formatShape, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { EventBuffer } from './event-buffer.ts';

/**
 * Checks a window's input before anything runs: steps in order and within the window, Input nodes only, elements that they have,
 * finite values. Throws `input` with the place of the first event that is wrong.
 */
export function checkInput(
  graph: ResolvedGraph,
  steps: number,
  { length, step, node, index, value }: EventBuffer,
): void {
  let earliest = 0;
  for (let k = 0; k < length; k++) {
    const place = node[k]!;
    const target = graph.nodes[place];
    if (target?.kind.role !== 'input') {
      const found = target === undefined ? `unknown node ${place}` : `"${target.name}" (${target.kind.type})`;
      throw new SpikewireError('input', `event ${k}`, `goes to ${found}`, 'an Input node');
    }
    if (step[k]! < earliest || step[k]! >= steps) {
      const expected = `${earliest}…${steps - 1}, in order`;
      throw new SpikewireError('input', `event ${k} into "${target.name}"`, `is at step ${step[k]}`, expected);
    }
    const size = elementCount(target.shape);
    if (index[k]! < 0 || index[k]! >= size) {
      const expected = `0…${size - 1} for shape ${formatShape(target.shape)}`;
      throw new SpikewireError('input', `event ${k} into "${target.name}"`, `has index ${index[k]}`, expected);
    }
    if (!Number.isFinite(value[k])) {
      throw new SpikewireError('input', `event ${k} into "${target.name}"`, `is ${value[k]}`, 'a finite number');
    }
    earliest = step[k]!;
  }
}
