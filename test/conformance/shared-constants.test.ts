import { type Model, parseModel, quantize, RandomGenerator, readModel, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { play } from './play.ts';

const CHANNELS = 3;
/** Neurons of a channel. */
const EACH = 16;

/** A convolution whose channels have thresholds, time constants or biases of their own, behind a synapse or not. */
function convolutional(type: 'LIF' | 'CubaLIF'): Model {
  const random = new RandomGenerator(5, 'channels');
  const weight = Array.from({ length: CHANNELS }, () => [
    Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => random.nextNormal() + 0.2)),
  ]);
  const perChannel = (values: number[]) => values.map((value) => Array.from({ length: 4 }, () => Array(4).fill(value)));
  const cell =
    type === 'LIF'
      ? { tau: perChannel([0.005, 0.01, 0.02]), r: 4, v_threshold: 0.6, v_reset: 0.1, tau_ref: 0.002 }
      : { tau_syn: 0.004, tau_mem: perChannel([0.005, 0.01, 0.02]), r: 4, w_in: 2, v_threshold: 0.6 };
  const nodes = {
    in: { type: 'Input', shape: [1, 6, 6] },
    conv: { type: 'Conv2d', weight, bias: [0.1, 0.05, -0.1] },
    cells: { type, ...cell },
    out: { type: 'Output' },
  };
  const names = Object.keys(nodes);
  return parseModel({ nodes, edges: names.slice(1).map((name, k) => [names[k]!, name]), semantics: { dt: 0.001 } });
}

/** The model with each value as often as it has neurons, as files were written before lists could be shorter. */
function spelledOut(model: Model): Model {
  const { neurons, ...rest } = model.quantization!;
  const spell = (constants: object): object =>
    Object.fromEntries(
      Object.entries(constants).map(([key, value]) => {
        if (typeof value !== 'object') return [key, value];
        if (!ArrayBuffer.isView(value)) return [key, spell(value)];
        const values = Array.from(value as Float64Array);
        const each = (CHANNELS * EACH) / values.length;
        const all = values.flatMap((one) => Array<number>(each).fill(one));
        return [key, value instanceof Int32Array ? Int32Array.from(all) : Float64Array.from(all)];
      }),
    );
  const cells = spell(neurons.get('cells')!) as never;
  return { ...model, quantization: { ...rest, neurons: new Map([['cells', cells]]) } };
}

describe.each(['LIF', 'CubaLIF'] as const)('constants that the neurons of a channel share: %s', (type) => {
  const short = quantize(convolutional(type), { bits: 8 });
  const long = spelledOut(short);

  it('are written once a channel, or once', () => {
    const { scale, threshold, bias, current } = short.quantization!.neurons.get('cells')!;
    expect([scale, threshold!, current?.bias ?? bias].map(({ length }) => length)).toEqual([3, 3, 3]);
    expect(readModel(writeModel(short))).toEqual(short);
    expect(long.quantization!.neurons.get('cells')!.scale).toHaveLength(CHANNELS * EACH);
    expect(writeModel(short).length).toBeLessThan(writeModel(long).length - 48 * 12);
  });

  it('stay as they are in a file that spells them out', () => {
    expect(readModel(writeModel(long))).toEqual(long);
    expect(writeModel(readModel(writeModel(long)))).toEqual(writeModel(long));
  });

  it.each(['integer', 'clocked', 'reference', 'event'])('mean the same to the engine %s', (engine) => {
    const random = new RandomGenerator(9, 'stimulus');
    const stimulus = { in: Array.from({ length: 400 }, (_, k) => [Math.floor(k / 10), random.nextInteger(36)]) };
    const [a, b] = [short, long].map((model) => play(engineNamed(engine).load(model), 40, stimulus));
    expect(a).toEqual(b);
    const channels = a!.cells!.map(([, index]) => Math.floor(index / EACH));
    expect(new Set(channels)).toEqual(new Set([0, 1, 2]));
  });

  it('are refused where they are not shared evenly', () => {
    const cells = short.quantization!.neurons.get('cells')!;
    const refused = (threshold: Int32Array) => {
      const neurons = new Map([['cells', { ...cells, threshold }]]);
      return () => writeModel({ ...short, quantization: { ...short.quantization!, neurons } });
    };
    for (const length of [0, 5, 96]) {
      expect(refused(new Int32Array(length).fill(1000))).toThrow(
        `quantization.neurons["cells"].threshold: has ${length} values; expected 48, one per neuron, or one for each`,
      );
    }
  });
});
