import { type Firing, type LinearDynamics, type NeuronKind, SpikewireError, whole } from '@spikewire/models';
import { clampedFloat32, HELD } from '../kernels/float-numbers.ts';
import { encode, populationFlags } from '../kernels/instructions.ts';
import { HUGE, TINY } from '../kernels/kernel-constants.ts';
import type { ExactSums, PlannedPopulation, PopulationSite } from '../number-form.ts';
import type { StateVariable, Stream } from '../program.ts';
import { PopulationMemory } from './population-memory.ts';

/** Lays out a population in float32. */
export function planFloatPopulation(site: PopulationSite): PlannedPopulation {
  const { memory, node, index, layout, list, accumulator, exact, graded } = site;
  const kind = node.kind as NeuronKind;
  const dynamics = kind.linear!(node.node, layout.size, node.semantics);
  const { decay, gain, current, firing, initial } = dynamics;
  const bias = current === undefined ? withInput(dynamics.bias, gain, site.bias) : dynamics.bias;
  const currentBias = current && withInput(new Float64Array(layout.size), current.gain, site.bias);
  const takes = firing && takenBySpike(site, firing);
  const rests = firing?.refractorySteps.some((steps) => steps > 0) ?? false;
  const longest = firing?.refractorySteps.reduce((most, steps) => Math.max(most, steps), 0) ?? 0;
  const constants: Constants = { ...dynamics, bias, currentBias, takes };
  const parameters = new PopulationMemory(
    memory,
    layout,
    [
      ...[decay, gain, bias, current?.decay, current?.gain, currentBias, takes],
      ...[firing?.threshold, firing?.minimum, firing?.refractorySteps],
    ],
    layout.length === layout.size || staysAtZero(constants),
  );
  const unit = exact?.unit ?? 1;
  const state = new Map<string, StateVariable>();
  const variable = (
    name: string,
    format: 'int32' | 'float32',
    start: ArrayLike<number> = new Float64Array(layout.size),
  ) => {
    const address = memory[format](layout.arrange(start));
    state.set(name, {
      address,
      format,
      length: layout.length,
      layout,
      resets: true,
      ranges: [format === 'int32' ? whole(0, longest) : HELD],
    });
    return address;
  };
  const reals = (values: Float64Array | undefined) => parameters.float32(values?.map(clampedFloat32));
  const inUnits = (gains: Float64Array | undefined) =>
    parameters.float32(gains?.map((gain) => clampedFloat32(gain) * unit));
  const operands = {
    accumulator,
    membrane: variable('v', 'float32', initial.v!.map(clampedFloat32)),
    length: layout.length,
    period: parameters.period,
    list: list.descriptor,
    flags:
      flagsOf(dynamics, rests) |
      (parameters.isAlike ? populationFlags.alike : 0) |
      (exact !== undefined && neverGrows(constants, exact) ? populationFlags.neverSaturates : 0),
    fraction: 0,
    handOn: 0,
    decay: reals(decay),
    gain: current === undefined ? inUnits(gain) : reals(gain),
    bias: reals(bias),
    threshold: parameters.float32(firing?.threshold, Number.POSITIVE_INFINITY),
    reset: reals(takes),
    minimum: reals(firing?.minimum),
    refractory: firing === undefined || !rests ? 0 : variable('refractory', 'int32'),
    refractorySteps: rests ? parameters.int32(firing?.refractorySteps) : 0,
    current: current === undefined ? 0 : variable('i', 'float32', initial.i?.map(clampedFloat32)),
    currentDecay: reals(current?.decay),
    currentGain: inUnits(current?.gain),
    currentBias: reals(currentBias),
    saturated: 0,
    map: site.map,
  };
  const instruction = [
    ...(graded ? onlyIf(graded, 0) : []),
    ...encode(exact === undefined ? 'stepFloats' : stepWith[exact.format], operands),
    ...(graded
      ? [...onlyIf(graded, 1), ...encode('stepFloats', { ...operands, accumulator: graded.accumulator })]
      : []),
  ];
  return { plan: { index, list, spikes: firing !== undefined, state }, instruction };
}

/** The dynamics of a population, what constant input adds to its current, and what a spike takes. */
type Constants = LinearDynamics & {
  readonly currentBias?: Float64Array | undefined;
  readonly takes?: Float64Array | undefined;
};

const stepWith = { int16: 'stepFloatsSums16', int32: 'stepFloatsSums32' } as const;

function onlyIf({ list, delay }: Stream, graded: 0 | 1): number[] {
  return encode('onlyIf', { list: list.descriptor, delay, graded });
}

/** Whether neurons that do not exist may have the constants of the others: without arrivals they stay at zero. */
function staysAtZero({ bias, currentBias, firing }: Constants): boolean {
  const isZero = (value: number) => value === 0;
  const isAboveZero = (value: number) => clampedFloat32(value) > 0;
  const isUntouched = bias.every(isZero) && (currentBias?.every(isZero) ?? true);
  const neverFires = firing?.threshold.every(isAboveZero) ?? true;
  return isUntouched && neverFires && !(firing?.minimum?.some(isAboveZero) ?? false);
}

/**
 * Whether no membrane can pass the bound of real numbers, nor become what is not a number, with sums that are whole:
 * what a leak leaves of the bound is the bound at most, and what is far below half the last place of it changes nothing
 * there.
 */
function neverGrows({ decay, gain, bias, current, takes }: Constants, { unit, largest }: ExactSums): boolean {
  if (current !== undefined) return false;
  const isLow = (value: number) => Math.abs(value) < HUGE * 2 ** -26;
  const driven = gain.every((each, i) => isLow(each * unit * largest) && isLow(bias[i]!) && isLow(takes?.[i] ?? 0));
  return driven && decay.every((each) => Math.abs(each) <= 1);
}

/** A bias and what constant input adds to it. */
function withInput(bias: Float64Array, gain: Float64Array, input: Float64Array | undefined): Float64Array {
  return input === undefined ? bias : bias.map((value, i) => value + gain[i]! * input[i]!);
}

/** The membrane after a spike, or what a spike takes from it. */
function takenBySpike({ node }: PopulationSite, { reset, resetValue, threshold, spikesPerStep }: Firing): Float64Array {
  if (reset === 'value') return resetValue;
  const steps = threshold.map((theta, i) => theta - resetValue[i]!);
  if (spikesPerStep === 'many' && steps.some((step) => clampedFloat32(step) < TINY)) {
    const problem = 'has a threshold that float32 cannot tell from its v_reset';
    throw new SpikewireError('unsupported', `node "${node.name}"`, problem, 'v_threshold well above v_reset');
  }
  return steps;
}

function flagsOf({ firing, current }: LinearDynamics, rests: boolean): number {
  return (
    (firing ? populationFlags.firing : 0) |
    (rests ? populationFlags.refractory : 0) |
    (firing?.minimum ? populationFlags.minimum : 0) |
    (current ? populationFlags.current : 0) |
    (firing?.reset === 'subtract' ? populationFlags.subtract : 0) |
    (firing?.spikesPerStep === 'many' ? populationFlags.many : 0) |
    (firing?.comparison === 'ge' ? populationFlags.atThreshold : 0)
  );
}
