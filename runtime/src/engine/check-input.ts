import { elementCount, formatShape, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { EventBuffer } from './event-buffer.ts';

/**
 * Checks a window's input before anything runs: steps in order and within the window, Input nodes only, elements that they have,
 * finite values. Throws `input` with the place of the first event that is wrong.
 */
export function checkInput(graph: ResolvedGraph, steps: number, input: EventBuffer): void {
  const { length, step, node, index, value } = input;
  let earliest = 0;
  let place = -1;
  let size = 0;
  for (let k = 0; k < length; k++) {
    if (node[k] !== place) {
      place = node[k]!;
      size = inputSize(graph, place);
    }
    const at = step[k]!;
    const element = index[k]!;
    if (at < earliest || at >= steps || element < 0 || element >= size || value[k]! - value[k]! !== 0) {
      refuse(graph, steps, input, k, earliest);
    }
    earliest = at;
  }
}

/** Elements of an Input node; none where there is no such node. */
function inputSize(graph: ResolvedGraph, place: number): number {
  const target = graph.nodes[place];
  return target?.kind.role === 'input' ? elementCount(target.shape) : 0;
}

/** Says what is wrong with event `k`. */
function refuse(
  graph: ResolvedGraph,
  steps: number,
  { step, node, index, value }: EventBuffer,
  k: number,
  earliest: number,
): never {
  const target = graph.nodes[node[k]!];
  if (target?.kind.role !== 'input') {
    const found = target === undefined ? `unknown node ${node[k]}` : `"${target.name}" (${target.kind.type})`;
    throw new SpikewireError('input', `event ${k}`, `goes to ${found}`, 'an Input node');
  }
  const where = `event ${k} into "${target.name}"`;
  if (step[k]! < earliest || step[k]! >= steps) {
    throw new SpikewireError('input', where, `is at step ${step[k]}`, `${earliest}…${steps - 1}, in order`);
  }
  if (Number.isFinite(value[k])) {
    const expected = `0…${elementCount(target.shape) - 1} for shape ${formatShape(target.shape)}`;
    throw new SpikewireError('input', where, `has index ${index[k]}`, expected);
  }
  throw new SpikewireError('input', where, `is ${value[k]}`, 'a finite number');
}
