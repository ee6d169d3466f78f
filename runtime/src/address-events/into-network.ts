import { EventBuffer, onlyInput, TimedEventBuffer } from '@spikewire/engine/network';
import { formatShape, type ResolvedGraph, type Shape, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from './address-events.ts';

/** Steps of a recording are counted in 32 bits. */
const MOST_STEPS = 2 ** 31 - 1;
/** Share of a step by which rounding may put an event before the step at whose beginning it is. */
const ROUNDING = 1e-6;

/**
 * The events of a camera for the only Input of a net: of shape [2, height, width] with darker and brighter apart, or
 * [1, height, width] or [height, width] with both as the same. Throws `input` where there is no such Input, or an event
 * lies outside.
 */
export function eventsForInput(graph: ResolvedGraph, recording: AddressEvents): TimedEventBuffer {
  const events = new TimedEventBuffer(recording.time.length);
  forEachEvent(graph, recording, (time, node, element) => events.push(time, node, element, 1));
  return events;
}

/**
 * The same on the grid of steps: an event belongs to the step within which it is. Those of an element within one step
 * add up.
 */
export function stepsForInput(graph: ResolvedGraph, recording: AddressEvents): { steps: number; events: EventBuffer } {
  const { dt } = graph.semantics;
  const stepAt = (time: number) => Math.floor(time / dt + ROUNDING);
  const steps = stepAt(recording.time.at(-1) ?? 0) + 1;
  if (steps > MOST_STEPS) {
    throw new SpikewireError('input', 'address events', `last ${steps} steps of ${dt} s`, `at most ${MOST_STEPS}`);
  }
  const events = new EventBuffer(recording.time.length);
  forEachEvent(graph, recording, (time, node, element) => events.push(stepAt(time), node, element, 1));
  return { steps, events };
}

function forEachEvent(
  graph: ResolvedGraph,
  { time, x, y, polarity }: AddressEvents,
  take: (time: number, node: number, element: number) => void,
): void {
  const [node, { name, shape }] = onlyInput(graph, 'address events');
  const { polarities, height, width } = imageOf(name, shape);
  for (let k = 0; k < time.length; k++) {
    const [column, row] = [x[k]!, y[k]!];
    if (column >= width || row >= height) {
      const problem = `is at x ${column}, y ${row}`;
      throw new SpikewireError(
        'input',
        `address event ${k} into "${name}"`,
        problem,
        `x below ${width}, y below ${height}`,
      );
    }
    const channel = polarities === 2 ? polarity[k]! : 0;
    take(time[k]!, node, (channel * height + row) * width + column);
  }
}

function imageOf(name: string, shape: Shape): { polarities: number; height: number; width: number } {
  const [polarities, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  if (shape.length >= 2 && shape.length <= 3 && polarities! <= 2) {
    return { polarities: polarities!, height: height!, width: width! };
  }
  const expected = '[2, height, width], [1, height, width] or [height, width]';
  throw new SpikewireError('input', `Input "${name}" for address events`, `has shape ${formatShape(shape)}`, expected);
}
