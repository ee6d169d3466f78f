import { atMost, type BoardLimit } from '@spikewire/engine/executor';
import { numbersOf } from '@spikewire/models';
import type { Population } from '../net/net.ts';
import { BIAS, DECAY, SCALE, STATE, sources, THRESHOLD_MANTISSA } from './chip.ts';
import { decaysOf, spread } from './registers.ts';

/** Limits of the registers of a population. Parameters of a LoihiLIF are register values; others are rounded first. */
export function compartmentLimits(population: Population): BoardLimit[] {
  const {
    name,
    node: { node },
    neurons,
  } = population;
  if (node.type !== 'LoihiLIF') return yetToBeRounded(population);
  const all = (key: string, preset: number) => spread(numbersOf(node, key)?.data, neurons, preset);
  const threshold = all('v_threshold', 0);
  return [
    atMost('threshold in steps of 64', largest(threshold) / SCALE, THRESHOLD_MANTISSA, sources.registers, name),
    kept('thresholds that are multiples of 64', threshold, (each) => each % SCALE === 0 && each >= 0, name),
    kept('losses of the current of 1 to 4096', all('decay_u', DECAY), (each) => isWhole(each) && each >= 1, name),
    kept('losses of the membrane of 0 to 4095', all('decay_v', 0), (each) => isWhole(each) && each < DECAY, name),
    kept('biases of 12 bits times 2^0 to 2^7', all('bias', 0), isBias, name),
    kept('resets to 0', all('v_reset', 0), (each) => each === 0, name),
    kept('lowest membranes of 1 − 2^e', all('v_min', 1 - STATE), (each) => isPower(1 - each), name),
    kept('highest membranes of 2^(9 + 2e) − 1', all('v_max', STATE - 1), isHighest, name),
  ];
}

function yetToBeRounded(population: Population): BoardLimit[] {
  const { name, firing } = population;
  const { membrane } = decaysOf(population);
  const below = firing?.threshold.filter((each, n) => each < firing.resetValue[n]!).length ?? 0;
  return [
    atMost(
      'loss of the membrane in a step, in 1/4096',
      largest(membrane ?? new Float64Array(0)),
      DECAY - 1,
      sources.registers,
      name,
    ),
    atMost('thresholds below the reset', below, 0, sources.registers, name),
    ...(firing?.minimum === undefined ? [] : [lowestMembrane(name, firing.minimum[0]!)]),
  ];
}

function lowestMembrane(node: string, given: number): BoardLimit {
  const has = 'one of 1 − 2^e for a core, in the steps of the chip';
  const needs = `${given} in the units of the model`;
  return { node, what: 'lowest membrane', needs, has, fits: false, missedBy: 'any choice', source: sources.registers };
}

/** How many of the numbers of a node the registers can hold: all, or it is missed by so many. */
function kept(what: string, numbers: Float64Array, isKept: (each: number) => boolean, node: string): BoardLimit {
  const count = numbers.filter(isKept).length;
  const fits = count === numbers.length;
  const missedBy = fits ? {} : { missedBy: `${numbers.length - count} of ${numbers.length}` };
  return {
    node,
    what,
    needs: String(numbers.length),
    has: String(count),
    fits,
    ...missedBy,
    source: sources.registers,
  };
}

const isWhole = Number.isInteger;

function isPower(value: number): boolean {
  return value >= 1 && value <= STATE && Number.isInteger(Math.log2(value));
}

function isHighest(value: number): boolean {
  const exponent = (Math.log2(value + 1) - 9) / 2;
  return isWhole(exponent) && exponent >= 0 && exponent <= 7;
}

/** mantissa · 2^exponent. */
function isBias(value: number): boolean {
  if (!isWhole(value)) return false;
  for (let exponent = 0; exponent <= BIAS.exponent; exponent++) {
    const mantissa = Math.abs(value) / 2 ** exponent;
    if (isWhole(mantissa) && mantissa <= BIAS.mantissa) return true;
  }
  return false;
}

function largest(numbers: Float64Array): number {
  return numbers.reduce((most, each) => Math.max(most, each), 0);
}
