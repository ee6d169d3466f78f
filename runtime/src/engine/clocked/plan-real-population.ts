import { type Firing, type LinearDynamics, type NeuronKind, SpikewireError } from '@spikewire/models';
import { encode, populationFlags } from './instructions.ts';
import type { PlannedPopulation, PopulationSite } from './number-form.ts';
import { PopulationMemory } from './population-memory.ts';
import type { StateVariable } from './program.ts';
import { settled, TINY } from './real-numbers.ts';

/** A parameter as float32, within the bounds that keep machines alike. */
export function kept(value: number): number {
  return settled(Math.fround(value));
}

/** Lays out a population in float32. */
export function planRealPopulation(site: PopulationSite): PlannedPopulation {
  const { memory, node, place, layout, list, accumulator } = site;
  const kind = node.kind as NeuronKind;
  const dynamics = kind.linear!(node.node, layout.size, node.semantics);
  const { decay, gain, current, firing, initial } = dynamics;
  const bias = current === undefined ? withInput(dynamics.bias, gain, site.bias) : dynamics.bias;
  const currentBias = current && withInput(new Float64Array(layout.size), current.gain, site.bias);
  const takes = firing && takenBySpike(site, firing);
  const rests = firing?.refractorySteps.some((steps) => steps > 0) ?? false;
  const parameters = new PopulationMemory(memory, layout, [
    ...[decay, gain, bias, current?.decay, current?.gain, currentBias, takes],
    ...[firing?.threshold, firing?.minimum, firing?.refractorySteps],
  ]);
  const state = new Map<string, StateVariable>();
  const variable = (
    name: string,
    format: 'int32' | 'float32',
    start: ArrayLike<number> = new Float64Array(layout.size),
  ) => {
    const address = memory[format](layout.arrange(start));
    state.set(name, { address, format, length: layout.length, layout, resets: true });
    return address;
  };
  const reals = (values: Float64Array | undefined) => parameters.float32(values?.map(kept));
  const instruction = encode('stepReals', {
    accumulator,
    membrane: variable('v', 'float32', initial.v!.map(kept)),
    length: layout.length,
    period: parameters.period,
    list: list.descriptor,
    flags: flagsOf(dynamics, rests),
    fraction: 0,
    handOn: 0,
    decay: reals(decay),
    gain: reals(gain),
    bias: reals(bias),
    threshold: parameters.float32(firing?.threshold, Number.POSITIVE_INFINITY),
    reset: reals(takes),
    minimum: reals(firing?.minimum),
    refractory: firing === undefined || !rests ? 0 : variable('refractory', 'int32'),
    refractorySteps: rests ? parameters.int32(firing?.refractorySteps) : 0,
    current: current === undefined ? 0 : variable('i', 'float32', initial.i?.map(kept)),
    currentDecay: reals(current?.decay),
    currentGain: reals(current?.gain),
    currentBias: reals(currentBias),
    saturated: 0,
    map: site.map,
  });
  return { plan: { place, list, spikes: firing !== undefined, state }, instruction };
}

/** A bias and what constant input adds to it. */
function withInput(bias: Float64Array, gain: Float64Array, input: Float64Array | undefined): Float64Array {
  return input === undefined ? bias : bias.map((value, i) => value + gain[i]! * input[i]!);
}

/** The membrane after a spike, or what a spike takes from it. */
function takenBySpike({ node }: PopulationSite, { reset, resetValue, threshold, spikesPerStep }: Firing): Float64Array {
  if (reset === 'value') return resetValue;
  const steps = threshold.map((theta, i) => theta - resetValue[i]!);
  if (spikesPerStep === 'many' && steps.some((step) => kept(step) < TINY)) {
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
