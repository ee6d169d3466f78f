import { elementCount, formatShape, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { EventBuffer } from './event-buffer.ts';
import type { EventColumns } from './event-columns.ts';

/** When the events of a window may be, and how errors say it. */
export interface Span {
  readonly from: number;
  /** After the last. */
  readonly end: number;
  /** `is at step 4`. */
  at(when: number): string;
  /** `2…9`: what was possible after an event at `earliest`. */
  possible(earliest: number): string;
}

/**
 * Checks a window's input before anything runs: steps in order and within the window, Input nodes only, elements that
 * they have, finite values. Throws `input` with the index of the first event that is wrong.
 */
export function checkInput(graph: ResolvedGraph, steps: number, input: EventBuffer): void {
  const at = (step: number) => `is at step ${step}`;
  checkEvents(graph, input, input.step, {
    from: 0,
    end: steps,
    at,
    possible: (earliest) => `${earliest}…${steps - 1}`,
  });
}

/** The same for events that are at `when`. */
export function checkEvents<When extends Int32Array | Float64Array>(
  graph: ResolvedGraph,
  events: EventColumns<When>,
  when: When,
  span: Span,
): void {
  const { length, node, index, value } = events;
  let earliest = span.from;
  let input = -1;
  let size = 0;
  for (let k = 0; k < length; k++) {
    if (node[k] !== input) {
      input = node[k]!;
      size = inputSize(graph, input);
    }
    const at = when[k]!;
    const element = index[k]!;
    const isRight = at >= earliest && at < span.end && element >= 0 && element < size && value[k]! - value[k]! === 0;
    if (!isRight) refuse(graph, events, k, at, earliest, span);
    earliest = at;
  }
}

/** Elements of an Input node; none where there is no such node. */
function inputSize(graph: ResolvedGraph, input: number): number {
  const target = graph.nodes[input];
  return target?.kind.role === 'input' ? elementCount(target.shape) : 0;
}

/** Says what is wrong with event `k`. */
function refuse(
  graph: ResolvedGraph,
  { node, index, value }: EventColumns<Int32Array | Float64Array>,
  k: number,
  at: number,
  earliest: number,
  span: Span,
): never {
  const target = graph.nodes[node[k]!];
  if (target?.kind.role !== 'input') {
    const found = target === undefined ? `unknown node ${node[k]}` : `"${target.name}" (${target.kind.type})`;
    throw new SpikewireError('input', `event ${k}`, `goes to ${found}`, 'an Input node');
  }
  const where = `event ${k} into "${target.name}"`;
  if (!(at >= earliest && at < span.end)) {
    throw new SpikewireError('input', where, span.at(at), `${span.possible(earliest)}, in order`);
  }
  if (Number.isFinite(value[k])) {
    const expected = `0…${elementCount(target.shape) - 1} for shape ${formatShape(target.shape)}`;
    throw new SpikewireError('input', where, `has index ${index[k]}`, expected);
  }
  throw new SpikewireError('input', where, `is ${value[k]}`, 'a finite number');
}
