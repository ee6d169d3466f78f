import {
  type AdaptiveDynamics,
  elementCount,
  flag,
  type NeuronKind,
  type NumberRange,
  type ResolvedNode,
  real,
  whole,
} from '@spikewire/models';
import { clampedFloat32, HELD } from '../kernels/float-numbers.ts';
import { adaptiveFlags, encode, floatOperand } from '../kernels/instructions.ts';
import { HUGE, SMALL_SCALE, turns } from '../kernels/kernel-constants.ts';
import type { PlannedPopulation, PopulationSite } from '../number-form.ts';
import type { StateVariable } from '../program.ts';
import { clockRanges } from './synaptic.ts';

/** What decays faster than this per step would reach subnormal numbers before its turn to be settled. */
const FASTEST_DECAY = 0.5;
/** Neurons that the kernel takes at a time. */
const BLOCK = 16;

/**
 * The adaptive form of a node where the kernel can step it: all neurons have the same numbers, and nothing decays too
 * fast.
 */
export function adaptiveDynamics({ kind, node, shape, semantics }: ResolvedNode): AdaptiveDynamics | undefined {
  const dynamics = (kind as NeuronKind).adaptive?.(node, elementCount(shape), semantics);
  if (dynamics === undefined) return undefined;
  const { share, leak, drive, firing, adaptation } = dynamics;
  const { threshold, resetValue, refractorySteps, minimum } = firing;
  const ofDrive =
    'resistance' in drive ? [drive.resistance] : drive.conductances.flatMap(({ decay, reversal }) => [decay, reversal]);
  const numbers = [share, leak, ...ofDrive, threshold, resetValue, refractorySteps, adaptation.decay, adaptation.rise];
  if (![...numbers, ...(minimum === undefined ? [] : [minimum])].every(isUniform)) return undefined;
  const ofConductances = 'resistance' in drive ? [] : drive.conductances.map(({ decay }) => decay[0]!);
  const decays = [1 - share[0]!, adaptation.decay[0]!, ...ofConductances];
  return decays.every((decay) => decay >= FASTEST_DECAY && decay <= 1) ? dynamics : undefined;
}

/** Lays out such a population. */
export function planAdaptivePopulation(site: PopulationSite, dynamics: AdaptiveDynamics): PlannedPopulation {
  const { memory, index, layout, list, ports } = site;
  const { share, leak, drive, firing, adaptation, initial } = dynamics;
  const { length } = layout;
  const state = new Map<string, StateVariable>();
  const perNeuron = { length, layout, resets: true } as const;
  const variable = (name: string, start: Float64Array) => {
    const address = memory.float32(layout.arrange(start.map(clampedFloat32)));
    state.set(name, { ...perNeuron, address, format: 'float32', ranges: [HELD] });
    return address;
  };
  const words = (name: string, count: number, ...ranges: NumberRange[]) => {
    const address = memory.reserve(4 * count);
    state.set(name, { address, format: 'int32', length: count, ranges, resets: true });
    return address;
  };
  const membrane = variable('v', initial.v!);
  const theta = variable('theta', initial.theta!);
  const scale: number = memory.reserve(16, ({ float64 }) => float64.set([1, adaptation.decay[0]!], scale / 8));
  state.set('theta', {
    ...state.get('theta')!,
    real: timesScale(scale),
  });
  state.set('scale', {
    address: scale,
    format: 'float64',
    length: 1,
    ranges: [real(SMALL_SCALE / 4, 1)],
    resets: true,
  });
  const conductances = ('resistance' in drive ? [] : drive.conductances).map((conductance, port) => ({
    ...conductance,
    address: variable(conductance.name, initial[conductance.name]!),
    arrivals: ports[port]!.address,
    mark: ports[port]!.mark,
    // Where nothing is and nothing comes, nothing pulls.
    isUsed: ports[port]!.isFed || initial[conductance.name]!.some((value) => value !== 0),
  }));
  const [first, second] = conductances.filter(({ isUsed }) => isUsed);
  // A population that nothing drives is one whose current never comes.
  const resistance = 'resistance' in drive ? drive.resistance[0]! : 0;
  const clock = words('clock', 3, ...clockRanges(length));
  const rests = whole(0, turns.round + 1 + firing.refractorySteps[0]!);
  const wakes = words('refractory', length, rests);
  state.set('refractory', {
    ...perNeuron,
    address: wakes,
    format: 'int32',
    ranges: [rests],
    real: fromClock(clock),
  });
  const padded = layout.arrange(initial.theta!.map(clampedFloat32));
  const lowest = memory.float32(
    Array.from({ length: length / BLOCK }, (_, block) => Math.min(...padded.slice(block * BLOCK, (block + 1) * BLOCK))),
  );
  state.set('lowest', { address: lowest, format: 'float32', length: length / BLOCK, ranges: [HELD], resets: true });
  const operand = (values: Float64Array | undefined) => floatOperand(clampedFloat32(values?.[0] ?? 0));
  const instruction = encode('stepAdaptive', {
    membrane,
    first: first?.address ?? 0,
    firstArrivals: first?.arrivals ?? ports[0]!.address,
    second: second?.address ?? 0,
    secondArrivals: second?.arrivals ?? 0,
    theta,
    scale,
    length,
    stride: layout.stride,
    channels: layout.channels,
    list: list.descriptor,
    wakes,
    queue: words('queue', length, whole(0, length - 1)),
    held: variable('held', new Float64Array(layout.size)),
    clock,
    asleep: words('asleep', length / BLOCK, flag),
    flags:
      (first === undefined ? 0 : second === undefined ? 1 : 2) |
      (firing.comparison === 'ge' ? adaptiveFlags.atThreshold : 0) |
      (firing.reset === 'subtract' ? adaptiveFlags.subtract : 0) |
      (firing.minimum === undefined ? 0 : adaptiveFlags.minimum),
    refractorySteps: firing.refractorySteps[0]!,
    share: operand(share),
    leak: operand(leak),
    firstDecay: operand(first?.decay),
    firstReversal: first === undefined ? floatOperand(clampedFloat32(resistance)) : operand(first.reversal),
    secondDecay: operand(second?.decay),
    secondReversal: operand(second?.reversal),
    threshold: floatOperand(firing.threshold[0]!),
    reset: operand(firing.resetValue),
    minimum: floatOperand(firing.minimum === undefined ? -HUGE : clampedFloat32(firing.minimum[0]!)),
    rise: operand(adaptation.rise),
    firstMark: first?.mark ?? ports[0]!.mark,
    secondMark: second?.mark ?? 0,
    lowest,
  });
  return { plan: { index, list, spikes: true, state }, instruction };
}

// Apart from the plan, so that a running net keeps nothing alive that only its compilation needed.

function timesScale(scale: number): NonNullable<StateVariable['real']> {
  return (value, _index, { float64 }) => value * float64[scale / 8]!;
}

function fromClock(clock: number): NonNullable<StateVariable['real']> {
  return (value, _index, { int32 }) => Math.max(0, value - int32[clock / 4]!);
}

function isUniform(values: Float64Array | Int32Array): boolean {
  return values.every((value) => value === values[0]);
}
