import { SpikewireError } from '../../error.ts';
import { kept, real } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { encoderKind } from './encoder.ts';

const parameters = {
  ...rangeParameters,
  maxRate: { doc: 'rate at the upper end of the range', unit: 'Hz', form: 'number', above: 0 },
  jitter: {
    doc: 'width of the place at random of a spike in its interval, as a share of the interval; 0: evenly spread',
    form: 'number',
    default: 0,
    minimum: 0,
    maximum: 1,
  },
} as const satisfies ParameterTable;

/**
 * Uniform rate code: a channel at x on [0, 1] has spikes at even intervals 1/(maxRate·x), each moved at random within
 * `jitter` of its interval.
 *
 * The phase φ = ∫ maxRate·x dt goes on from sample to sample, and spike k = 0, 1, … comes when φ passes k + ½ +
 * jitter·(u − ½), u uniform on [0, 1): so the spikes of any span differ from φ's growth by less than 1 + jitter, also
 * at rates of less than one spike per sample, where a Poisson code has the deviation √φ. A step carries one spike; what
 * is due sooner waits for the next step, so maxRate is at most 1/dt. Elements = channels.
 */
export const uniform = encoderKind({
  type: 'uniform',
  examples: [{ parameters: { maxRate: 500 } }, { parameters: { maxRate: 1000, jitter: 1 } }],
  parameters,
  emits: () => 'spikes',

  prepare(read, { where, size, steps, dt, random }) {
    const range = readRange(where, read, size, [0, 1]);
    const { maxRate, jitter } = read;
    const perStep = maxRate * dt;
    // 1/dt itself may lie a rounding above.
    if (perStep > 1 + 1e-9) {
      throw new SpikewireError(
        'parameter',
        `${where}.maxRate`,
        `is ${maxRate}`,
        `at most ${1 / dt}, a spike in every step`,
      );
    }
    const nextPlace = () => 0.5 + (jitter === 0 ? 0 : jitter * (random.nextUniform() - 0.5));
    /** φ since the beginning of the interval of the next spike, and where in this interval that spike comes. */
    const phase = new Float64Array(size);
    const place = new Float64Array(size);
    for (let i = 0; i < size; i++) place[i] = nextPlace();
    const growth = new Float64Array(size);
    return {
      channels: size,
      range,
      state: { ...range.state, phase: kept(phase, real(-1, 2)), place: kept(place, real(0, 1)) },
      workingBytes: growth.byteLength,
      encode(sample, emit) {
        if (!range.take(sample)) return;
        for (let i = 0; i < size; i++) growth[i] = perStep * range.toUnit(i, sample[i]!);
        for (let step = 0; step < steps; step++) {
          for (let i = 0; i < size; i++) {
            phase[i]! += growth[i]!;
            if (growth[i] === 0 || phase[i]! < place[i]!) continue;
            emit(step, i, 1);
            phase[i]! -= 1;
            place[i] = nextPlace();
          }
        }
      },
    };
  },
});
