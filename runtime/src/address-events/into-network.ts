import { formatShape, type ResolvedGraph, type Shape, SpikewireError } from '@spikewire/models';
import { TimedEventBuffer } from '../engine/event/timed-events.ts';
import type { AddressEvents } from './address-events.ts';

/**
 * The events of a camera for the only Input of a net: of shape [2, height, width] with darker and brighter apart, or [1, height, width] or
 * [height, width] with both as the same. Throws `input` where there is no such Input, or an event lies outside.
 */
export function eventsForInput({ nodes }: ResolvedGraph, { time, x, y, polarity }: AddressEvents): TimedEventBuffer {
  const inputs = [...nodes.entries()].filter(([, { kind }]) => kind.role === 'input');
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0) {
    throw new SpikewireError('input', 'address events', `find ${inputs.length} Input nodes`, 'one');
  }
  const [place, { name, shape }] = input;
  const { polarities, height, width } = imageOf(name, shape);
  const events = new TimedEventBuffer(time.length);
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
    events.push(time[k]!, place, (channel * height + row) * width + column, 1);
  }
  return events;
}

function imageOf(name: string, shape: Shape): { polarities: number; height: number; width: number } {
  const [polarities, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  if (shape.length >= 2 && shape.length <= 3 && polarities! <= 2) {
    return { polarities: polarities!, height: height!, width: width! };
  }
  const expected = '[2, height, width], [1, height, width] or [height, width]';
  throw new SpikewireError('input', `Input "${name}" for address events`, `has shape ${formatShape(shape)}`, expected);
}
