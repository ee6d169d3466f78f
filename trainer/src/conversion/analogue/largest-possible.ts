import {
  type CodingDeclaration,
  type Connectivity,
  elementCount,
  encoderKindOf,
  readParameters,
} from '@spikewire/models';
import { type AnalogueNet, ceilingOf } from './analogue-net.ts';

/** What a value can be at most, and at least. */
interface Reach {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/**
 * The largest activation that each layer can have at all when every layer in front of it is at most at its own: the
 * sum of a unit's positive weights, each times the largest that arrives there, plus its bias; at most its ceiling.
 */
export function largestPossible({ model, wiring, layers }: AnalogueNet): ReadonlyMap<string, number> {
  const { graph, incoming, connectivity } = wiring;
  const reaches: Reach[] = [];
  const found = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    const { name, kind, inputShape, shape } = node;
    const arriving = sumOf(
      incoming[index]!.map(({ source }) => reaches[source]!),
      elementCount(inputShape),
    );
    const ways = connectivity[index];
    if (kind.role === 'input') reaches.push(inputReach(model.encoder.get(name)!, elementCount(shape)));
    else if (ways !== undefined) reaches.push(through(ways, arriving));
    else if (!layers.includes(name)) reaches.push(arriving);
    else {
      const largest = Math.min(ceilingOf(node), arriving.high.reduce((a, b) => Math.max(a, b), 0) || 1);
      found.set(name, largest);
      reaches.push(constantReach(0, largest, elementCount(shape)));
    }
  });
  return found;
}

function constantReach(low: number, high: number, size: number): Reach {
  return { low: new Float64Array(size).fill(low), high: new Float64Array(size).fill(high) };
}

/** Of direct current. */
function inputReach({ type, parameters }: CodingDeclaration, size: number): Reach {
  const table = encoderKindOf(type, 'encoder').parameters;
  const { gain, span } = readParameters('encoder', parameters, table) as { gain: number; span: string };
  const lowest = span === 'signed' ? -gain : 0;
  return constantReach(Math.min(lowest, gain), Math.max(lowest, gain), size);
}

function sumOf(reaches: readonly Reach[], size: number): Reach {
  const sum = constantReach(0, 0, size);
  for (const { low, high } of reaches) {
    for (let i = 0; i < size; i++) {
      sum.low[i]! += low[i]!;
      sum.high[i]! += high[i]!;
    }
  }
  return sum;
}

function through(ways: Connectivity, { low, high }: Reach): Reach {
  const { outputs, inputs, weights, gain, bias } = ways;
  const isSelection = ways.structure === 'selection';
  const found = { low: new Float64Array(outputs), high: new Float64Array(outputs) };
  for (let input = 0; input < inputs; input++) {
    ways.forEachSynapse(input, (output, at) => {
      if (isSelection) {
        found.high[output] = Math.max(found.high[output]!, high[input]!);
        found.low[output] = Math.min(found.low[output]!, low[input]!);
        return;
      }
      const weight = gain * (weights?.[at] ?? 1);
      found.high[output]! += Math.max(weight * high[input]!, weight * low[input]!);
      found.low[output]! += Math.min(weight * high[input]!, weight * low[input]!);
    });
  }
  bias?.forEach((value, output) => {
    found.high[output]! += value;
    found.low[output]! += value;
  });
  return found;
}
