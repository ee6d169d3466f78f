import {
  type Connectivity,
  defaultSemantics,
  type Edge,
  type GraphNode,
  type Model,
  quantize,
  RandomGenerator,
  roundHalfEven,
  scalar,
  type Tensor,
  tensor,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from './event-buffer.ts';
import { multiplyQ15, shiftRight, shiftToFraction } from './integer-arithmetic.ts';
import { compileInteger, type IntegerProgram, type Route } from './integer-program.ts';
import { integerEngine } from './reference/integer.ts';

function model(nodes: Record<string, [string, Record<string, Tensor>]>, edges: [string, string, number?][]): Model {
  return {
    graph: {
      nodes: new Map(
        Object.entries(nodes).map(([name, [type, parameters]]): [string, GraphNode] => [name, { type, parameters }]),
      ),
      edges: edges.map(([source, target, delay = 0]): Edge => ({ source, target, delay })),
    },
    semantics: { ...defaultSemantics, reset: 'subtract' },
    learning: new Map(),
    encoder: new Map(),
    decoder: new Map(),
    channels: [],
    sample: { steps: 1, between: 'reset' },
    labels: [],
    provenance: {},
    selfTests: [],
  };
}

function weights(random: RandomGenerator, ...shape: number[]): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float64Array.from({ length: count }, () => random.nextNormal()),
    shape,
  );
}

/** Pooling on both sides of weights, delays on both sides, two delays into one connection, a loop, a read-out with an average. */
function winding(): Model {
  const random = new RandomGenerator(4, 'winding');
  const two = { kernel_size: scalar(2), stride: scalar(2) };
  return model(
    {
      in: ['Input', { shape: tensor(Int32Array.of(1, 12, 12)) }],
      before: ['SumPool2d', two],
      conv: ['Conv2d', { weight: weights(random, 4, 1, 3, 3) }],
      behind: ['AvgPool2d', two],
      lif: ['LIF', { tau: scalar(0.005), r: scalar(5), v_threshold: scalar(1) }],
      rec: ['Conv2d', { weight: weights(random, 4, 4, 1, 1) }],
      flat: ['Flatten', {}],
      fc: ['Linear', { weight: weights(random, 3, 16) }],
      li: ['LI', { tau: scalar(0.01) }],
      third: ['AvgPool2d', { kernel_size: scalar(3), stride: scalar(3), padding: scalar(1) }],
      out: ['Output', {}],
      state: ['Output', {}],
    },
    [
      ['in', 'before', 1],
      ['before', 'conv'],
      ['conv', 'behind', 2],
      ['behind', 'lif', 1],
      ['lif', 'rec', 1],
      ['lif', 'rec', 3],
      ['rec', 'lif', 1],
      ['lif', 'flat', 2],
      ['flat', 'fc'],
      ['fc', 'li'],
      ['lif', 'third', 1],
      ['third', 'out'],
      ['third', 'out', 2],
      ['li', 'state'],
    ],
  );
}

/** Runs a program by its letter; returns what leaves the Outputs as lines. */
class ProgramRunner {
  readonly #program: IntegerProgram;
  readonly #emitted = new Map<number, Float64Array[]>();
  readonly #membranes: Float64Array[];

  constructor(program: IntegerProgram) {
    this.#program = program;
    this.#membranes = program.populations.map(({ constants }) => Float64Array.from(constants.initial));
    for (const { place } of [...program.inputs, ...program.populations]) this.#emitted.set(place, []);
  }

  step(step: number, values: Float64Array): string[] {
    const { inputs, populations, outputs, graph } = this.#program;
    for (const { place, constants } of inputs) {
      this.#emitted.get(place)!.push(values.map((value) => roundHalfEven(value / constants.scale)));
    }
    populations.forEach(({ place, size, constants, projections, firing }, p) => {
      const x = new Float64Array(size);
      for (const { route, connectivity, integers, shift, poolingsBehind } of projections) {
        let arrived = this.#follow(route, step);
        arrived = spread(connectivity, arrived, (k) => integers[k]! * 2 ** shift);
        for (const pooling of poolingsBehind) arrived = spread(pooling, arrived);
        for (let i = 0; i < size; i++) x[i]! += arrived[i]!;
      }
      const v = this.#membranes[p]!;
      const { decay, bias, fraction, threshold, subtract, handOn } = constants;
      const emitted = v.map((before, i) => {
        v[i] = multiplyQ15(before, decay[i]!) + shiftToFraction(x[i]!, fraction) + bias[i]!;
        if (firing === undefined) return shiftRight(v[i]!, handOn!);
        const spikes = v[i]! > threshold![i]! ? 1 : 0;
        v[i]! -= spikes * subtract![i]!;
        return spikes;
      });
      this.#emitted.get(place)!.push(emitted);
    });
    return outputs.flatMap(({ place, size, feeds }) => {
      const sum = new Float64Array(size);
      for (const { routes, unit } of feeds) {
        const counts = new Float64Array(size);
        for (const route of routes) {
          const arrived = this.#follow(route, step);
          for (let i = 0; i < size; i++) counts[i]! += arrived[i]!;
        }
        for (let i = 0; i < size; i++) sum[i]! += counts[i]! * unit;
      }
      const { name } = graph.nodes[place]!;
      return Array.from(sum, (value, i) => `${step} ${name} ${i} ${value}`).filter((line) => !line.endsWith(' 0'));
    });
  }

  #follow({ source, delay, poolings }: Route, step: number): Float64Array {
    const history = this.#emitted.get(source)!;
    const size = this.#program.graph.nodes[source]!.shape.reduce((a, b) => a * b, 1);
    return poolings.reduce(
      (values, pooling) => spread(pooling, values),
      history[step - delay] ?? new Float64Array(size),
    );
  }
}

function spread(connectivity: Connectivity, arrived: Float64Array, weight = (_k: number) => 1): Float64Array {
  const out = new Float64Array(connectivity.outputs);
  arrived.forEach((value, input) => {
    connectivity.forEachSynapse(input, (output, k) => {
      out[output]! += value * weight(k);
    });
  });
  return out;
}

describe('integer program', () => {
  it('does in routes, with delays merged, what the integer reference does node by node', () => {
    const quantized = quantize(winding(), { bits: 8 });
    const program = compileInteger(quantized);
    const runner = new ProgramRunner(program);
    const running = integerEngine.load(quantized);
    const random = new RandomGenerator(1, 'input');
    const place = program.inputs[0]!.place;
    const expected: string[] = [];
    const found: string[] = [];
    for (let step = 0; step < 80; step++) {
      const values = Float64Array.from({ length: 144 }, () => (random.nextUniform() < 0.2 ? 1 : 0));
      found.push(...runner.step(step, values));
      const input = new EventBuffer(144);
      for (const [i, value] of values.entries()) if (value !== 0) input.push(0, place, i, value);
      const output = new EventBuffer(1000);
      running.run(1, input, output);
      for (let k = 0; k < output.length; k++) {
        const { name } = running.graph.nodes[output.node[k]!]!;
        expected.push(`${step} ${name} ${output.index[k]} ${output.value[k]}`);
      }
    }
    expect(running.counters.spikes).toBeGreaterThan(100);
    expect(expected.length).toBeGreaterThan(200);
    expect(found.sort()).toEqual(expected.sort());
  });

  it('merges delays, keeps poolings and says how long events are needed', () => {
    const program = compileInteger(quantize(winding(), { bits: 8 }));
    const at = (name: string) => program.graph.nodes.findIndex((node) => node.name === name);
    const lif = program.populations.find(({ place }) => place === at('lif'))!;
    const ways = lif.projections.map(({ route, poolingsBehind }) => {
      return [route.source, route.delay, route.poolings.length, poolingsBehind.length];
    });
    expect(ways).toEqual([
      [at('in'), 4, 1, 1],
      [at('lif'), 2, 0, 0],
      [at('lif'), 4, 0, 0],
    ]);
    expect(program.longestDelay.get(at('in'))).toBe(4);
    expect(program.longestDelay.get(at('lif'))).toBe(4);
    expect(program.longestDelay.get(at('li'))).toBe(0);
  });

  it('proves 16-bit accumulators at ±32,767 and not beyond', () => {
    const accumulatorBits = (inputs: number, graded: boolean) => {
      const weight = tensor(new Float64Array(inputs).fill(1), [1, inputs]);
      const net = model(
        {
          in: ['Input', { shape: tensor(Int32Array.of(inputs)) }],
          fc: ['Linear', { weight }],
          if: ['IF', { v_threshold: scalar(1) }],
        },
        [
          ['in', 'fc'],
          ['fc', 'if'],
        ],
      );
      const calibration = { inputs: new Map([['in', graded ? 1 : ('spikes' as const)]]) };
      return compileInteger(quantize(net, { bits: 8, calibration })).populations[0]!.accumulatorBits;
    };
    // 258·127 = 32,766; graded 2·127·127 = 32,258.
    expect([accumulatorBits(258, false), accumulatorBits(259, false)]).toEqual([16, 32]);
    expect([accumulatorBits(2, true), accumulatorBits(3, true)]).toEqual([16, 32]);
  });
});
