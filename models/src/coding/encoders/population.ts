import { SpikewireError } from '../../error.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { fieldResponse, receptiveFields } from '../receptive-fields.ts';
import { ElementOrder } from './element-order.ts';
import { type Emit, encoderKind, encodeWithin } from './encoder.ts';
import { emitAtKeys, latencyOf } from './latency.ts';

const parameters = {
  ...rangeParameters,
  fields: { doc: 'receptive fields per channel', form: 'integer', minimum: 3 },
  gamma: { doc: 'γ, spacing of the fields over their width', form: 'number', default: 1.5, above: 0 },
  cutoff: {
    doc: 'a field that answers with less stays silent',
    form: 'number',
    default: 0.1,
    minimum: 0,
    maximum: 1,
  },
  emits: {
    doc: '"graded": the response in every step; "latency": one spike, the stronger the earlier',
    form: 'word',
    words: ['graded', 'latency'],
    default: 'graded',
  },
  latest: {
    doc: 'step of the spike of a response of 0, for latencies (default the last of the sample)',
    form: 'integer',
    minimum: 1,
    optional: true,
  },
} as const satisfies ParameterTable;

/**
 * Population code: each channel is spread over `fields` Gaussian receptive fields (SpikeProp), so that a value becomes
 * a place. Field f of channel c is element c·fields + f; elements = channels × fields.
 */
export const population = encoderKind({
  type: 'population',
  examples: [
    { parameters: { fields: 5 }, elements: 5 },
    { parameters: { fields: 5, emits: 'latency' }, elements: 5 },
  ],
  parameters,
  emits: ({ emits }) => (emits === 'latency' ? 'spikes' : 'graded'),

  prepare(read, { where, size, steps }) {
    const { fields: count, gamma, cutoff } = read;
    if (size % count !== 0) {
      throw new SpikewireError('parameter', where, `input has ${size} elements`, `a multiple of the ${count} fields`);
    }
    const channels = size / count;
    const range = readRange(where, read, channels, [0, 1]);
    const fields = receptiveFields(count, gamma);
    const responses = new Float64Array(size);
    const order = new ElementOrder(size);
    const latencies = read.emits === 'latency';
    const latest = Math.min(read.latest ?? steps - 1, steps - 1);
    return encodeWithin(range, responses.byteLength + order.bytes, (sample, emit) => {
      for (let channel = 0; channel < channels; channel++) {
        const x = range.toUnit(channel, sample[channel]!);
        for (let i = 0; i < count; i++) {
          const response = fieldResponse(fields, i, x);
          responses[channel * count + i] = response < cutoff ? 0 : response;
        }
      }
      if (latencies) emitLatencies(responses, latest + 1, order, emit);
      else emitGraded(responses, steps, emit);
    });
  },
});

function emitGraded(responses: Float64Array, steps: number, emit: Emit): void {
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < responses.length; i++) if (responses[i]! > 0) emit(step, i, responses[i]!);
  }
}

function emitLatencies(responses: Float64Array, steps: number, order: ElementOrder, emit: Emit): void {
  order.clear();
  for (let i = 0; i < responses.length; i++) {
    if (responses[i]! > 0) order.add(latencyOf(responses[i]!, steps), i);
  }
  order.sort();
  emitAtKeys(order, emit);
}
