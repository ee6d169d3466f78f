import { among, atMost, type BoardLimit } from '@spikewire/engine/executor';
import { type GraphNode, numbersOf } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';
import { SCALE, sources, WEIGHT } from './chip.ts';
import type { WeightFormat } from './weight-register.ts';

/** What the weights before compartments say of registers; those before other neurons are yet to be rounded. */
export function weightLimits(net: Net, { index, node }: Population): BoardLimit[] {
  if (node.node.type !== 'LoihiLIF') return [];
  const connections = new Set(net.projectionsInto(index).flatMap(({ through }) => through));
  return [...connections].flatMap((each) => ofConnection(net, each));
}

function ofConnection({ nodes, wiring }: Net, index: number): BoardLimit[] {
  const { name, node } = nodes[index]!;
  const { weights, bias } = wiring.connectivity[index]!;
  if (bias?.some((each) => each !== 0))
    return [among('bias', 'of arrivals', ['of compartments'], sources.compartment, name, 'its outputs')];
  if (weights === undefined) return [];
  return [...ofNumbers(stepsOf(node), name)];
}

/** The weights of a connection in units of 2^6. */
function stepsOf(node: GraphNode): number[] {
  const { data } = numbersOf(node, node.parameters.weight === undefined ? 'scale' : 'weight')!;
  return Array.from(data, (each) => each / SCALE);
}

/** How a connection with weights of registers holds them. */
export function formatIn(node: GraphNode): Pick<WeightFormat, 'isMixed' | 'exponent'> {
  return formatOf(stepsOf(node));
}

function* ofNumbers(steps: readonly number[], name: string): Generator<BoardLimit> {
  const [all, source] = [steps.length, sources.weights];
  const whole = steps.filter(Number.isInteger).length;
  yield { ...atMost('weights that are not multiples of 64', all - whole, 0, source, name) };
  if (whole < all) return;
  const format = formatOf(steps);
  const signs = format.isMixed ? 'both signs' : 'one sign';
  yield atMost(`steps of weights of ${signs}`, format.largest, format.most, source, name);
  yield atMost('exponent of weights', format.exponent, WEIGHT.exponent, source, name);
}

/** Weights in units of 2^6 as a power of two times whole steps, of which there is one more below zero. */
function formatOf(steps: readonly number[]) {
  const [low, high] = steps.reduce(([least, most], each) => [Math.min(least, each), Math.max(most, each)], [0, 0]);
  const isMixed = low < 0 && high > 0;
  const bits = WEIGHT.bits - (isMixed ? WEIGHT.shift : 0);
  // The smallest one that holds all: the chip has few exponents.
  let exponent = 0;
  while (isBeyond(low / 2 ** exponent, high / 2 ** exponent, bits) && areMultiples(steps, 2 ** (exponent + 1)))
    exponent++;
  const isLow = low / 2 ** exponent < -(2 ** bits) || high === 0;
  return {
    isMixed,
    exponent: exponent - (isMixed ? WEIGHT.shift : 0),
    largest: Math.abs(isLow ? low : high) / 2 ** exponent,
    most: isLow ? 2 ** bits : 2 ** bits - 1,
  };
}

function isBeyond(low: number, high: number, bits: number): boolean {
  return low < -(2 ** bits) || high > 2 ** bits - 1;
}

function areMultiples(steps: readonly number[], unit: number): boolean {
  return steps.every((each) => each % unit === 0);
}
