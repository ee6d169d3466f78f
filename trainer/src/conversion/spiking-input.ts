import { type LabelledSamples, windowsOf } from '@spikewire/engine/data';
import { encoderKindOf, type Model, SpikewireError } from '@spikewire/models';
import { readSpecification } from '../kinds/kind.ts';
import type { AnalogueNet } from './analogue/analogue-net.ts';
import type { SpikingInput } from './spiking-model.ts';

/** Samples on which current and spikes are compared, and steps of each. */
const [SAMPLES, STEPS] = [64, 32];

const WHERE = 'spikewire convert --encoder';
/** Codes in which a larger value may have fewer spikes, or no more of them in more steps. */
const NO_RATES: readonly string[] = ['latency', 'rank-order', 'delta', 'phase', 'burst'];

/**
 * A rate code in place of direct current, `name` or `name:key=value,…`, with the range that the current had. What a
 * spike stands for is measured: the current of calibration samples over their spikes per step. Throws `usage` for an
 * encoder that does not exist or is no rate code, and `unsupported` for values below 0, which rates do not have.
 */
export function spikingInputs(
  net: AnalogueNet,
  text: string | undefined,
  samples: LabelledSamples['samples'],
): ReadonlyMap<string, SpikingInput> {
  if (text === undefined) return new Map();
  const { model } = net;
  const { name: type, given } = readSpecification(text);
  const { parameters: table } = encoderKindOf(type, WHERE);
  if (NO_RATES.includes(type)) throw new SpikewireError('usage', WHERE, `is ${type}`, 'a rate code such as bernoulli');
  const encoder = new Map(
    [...model.encoder].map(([input, { parameters }]) => {
      const range = 'range' in table && parameters.range !== undefined ? { range: parameters.range } : {};
      return [input, { type, parameters: { ...range, ...given } }];
    }),
  );
  const taken = samples.slice(0, SAMPLES);
  const current = arrivingPerStep(net, model, taken);
  const spikes = arrivingPerStep(net, { ...model, encoder, sample: { steps: STEPS, between: 'reset' } }, taken);
  return new Map(
    [...encoder].map(([input, declared]) => {
      const scale = (current.get(input) ?? 0) / (spikes.get(input) ?? 0);
      return [input, { encoder: declared, scale: Number.isFinite(scale) && scale > 0 ? scale : 1 }];
    }),
  );
}

/** The sum of all values that enter each Input, per step. */
function arrivingPerStep(
  { wiring: { graph } }: AnalogueNet,
  model: Model,
  samples: LabelledSamples['samples'],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { steps, input } of windowsOf(model, { samples })) {
    for (let k = 0; k < input.length; k++) {
      const { name } = graph.nodes[input.node[k]!]!;
      const value = input.value[k]!;
      if (value < 0) {
        const where = `input "${name}"`;
        throw new SpikewireError('unsupported', where, 'has values below 0, which no rate stands for', 'direct input');
      }
      sums.set(name, (sums.get(name) ?? 0) + value / steps);
    }
  }
  return sums;
}
