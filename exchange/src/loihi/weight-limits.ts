import { among, atMost, type BoardLimit } from '@spikewire/engine/executor';
import { numbersOf } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';
import { SCALE, sources, WEIGHT } from './chip.ts';

/** What the weights before compartments say of registers; those before other neurons are yet to be rounded. */
export function weightLimits(net: Net, { index, node }: Population): BoardLimit[] {
  if (node.node.type !== 'LoihiLIF') return [];
  const connections = new Set(net.projectionsInto(index).flatMap(({ through }) => through));
  return [...connections].flatMap((each) => ofConnection(net, each));
}

function ofConnection({ nodes, wiring }: Net, index: number): BoardLimit[] {
  const { name, node } = nodes[index]!;
  const { weights, gain, bias } = wiring.connectivity[index]!;
  if (gain !== 1) return [among('factor of sums', String(gain), ['1'], sources.weights, name, 'its outputs')];
  if (bias?.some((each) => each !== 0))
    return [among('bias', 'of arrivals', ['of compartments'], sources.compartment, name, 'its outputs')];
  if (weights === undefined) return [];
  const numbers = numbersOf(node, node.parameters.weight === undefined ? 'scale' : 'weight')!.data;
  return [
    ...ofNumbers(
      Array.from(numbers, (each) => each / SCALE),
      name,
    ),
  ];
}

function* ofNumbers(steps: readonly number[], name: string): Generator<BoardLimit> {
  const { largest, isMixed, exponent, whole } = formatOf(steps);
  const [all, source] = [steps.length, sources.weights];
  yield { ...atMost('weights that are not multiples of 64', all - whole, 0, source, name) };
  if (whole < all) return;
  const most = isMixed ? WEIGHT.steps : 2 ** WEIGHT.bits - 1;
  yield atMost(
    isMixed ? 'steps of weights of both signs' : 'steps of weights of one sign',
    largest,
    most,
    source,
    name,
  );
  yield atMost('exponent of weights', exponent - (isMixed ? WEIGHT.shift : 0), WEIGHT.exponent, source, name);
}

/** Weights in units of 2^6 as a common power of two times whole steps. */
function formatOf(steps: readonly number[]) {
  const whole = steps.filter(Number.isInteger).length;
  let [largest, exponent] = [steps.reduce((most, each) => Math.max(most, Math.abs(each)), 0), 0];
  const isMixed = steps.some((each) => each < 0) && steps.some((each) => each > 0);
  while (whole === steps.length && largest > 0 && steps.every((each) => each % 2 ** (exponent + 1) === 0)) exponent++;
  largest /= 2 ** exponent;
  return { largest, isMixed, exponent, whole };
}
