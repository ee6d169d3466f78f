import { onlyInput, TimedEventBuffer } from '@spikewire/engine/network';
import { elementCount, formatShape, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { SampleBlock } from './sensor.ts';

/**
 * Edges of a sensor as events for the only Input of a net in continuous time: of shape [2, lines] with falling and
 * rising ones apart, or of as many elements as there are lines with both as the same.
 *
 * @param start the sensor's time in seconds at which the net's is 0
 * @throws SpikewireError `input` where there is no such Input, or the block has no edges
 */
export function edgesForInput(graph: ResolvedGraph, block: SampleBlock, start: number): TimedEventBuffer {
  const { times, values, changed } = block;
  if (changed === undefined) throw new SpikewireError('input', 'edges', 'are samples', 'a sensor of what happens');
  const [node, { name, shape }] = onlyInput(graph, 'edges');
  const lines = values.length / times.length;
  const areApart = shape.length === 2 && shape[0] === 2 && shape[1] === lines;
  if (!areApart && elementCount(shape) !== lines) {
    const expected = `[2, ${lines}] or [${lines}]`;
    throw new SpikewireError('input', `Input "${name}" for edges`, `has shape ${formatShape(shape)}`, expected);
  }
  const events = new TimedEventBuffer(times.length);
  for (let k = 0; k < times.length; k++) {
    const line = changed[k]!;
    const isRising = values[k * lines + line]! > 0;
    events.push(times[k]! - start, node, areApart && isRising ? lines + line : line, 1);
  }
  return events;
}
