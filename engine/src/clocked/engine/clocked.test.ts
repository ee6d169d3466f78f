import { parseModel, quantize, RandomGenerator, resolveGraph, SpikewireError, wire } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../../test/chain.ts';
import type { RunningNetwork } from '../../engine.ts';
import { EventBuffer } from '../../event-buffer.ts';
import { referenceEngine } from '../../reference/reference.ts';
import { clockedEngine } from './clocked.ts';
import { compileProgram } from './compiler.ts';
import { floatForm } from './float-form.ts';
import { ClockedNetwork } from './network.ts';

const cell = { type: 'LIF', tau: 0.01, r: 6, v_threshold: 1, tau_ref: 0.002 };

/** An image, a convolution, a dense layer that looks back, and a read-out. */
function exampleModel() {
  const random = new RandomGenerator(1, 'example');
  const weights = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0.5 * random.nextNormal()));
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1, 4, 4] },
      convolve: { type: 'Conv2d', weight: weights(3, 4).map((w) => [[w.slice(0, 2), w.slice(2)]]), bias: 0.1 },
      features: cell,
      flatten: { type: 'Flatten' },
      dense: { type: 'Affine', weight: weights(5, 27), bias: [0.1, 0, 0.2, 0, 0] },
      cells: cell,
      back: { type: 'Linear', weight: weights(5, 5) },
      decode: { type: 'Linear', weight: weights(2, 5) },
      filter: { type: 'Lowpass', tau: 0.01 },
      out: { type: 'Output', shape: [2] },
    },
    edges: [
      ...[
        ['in', 'convolve'],
        ['convolve', 'features'],
        ['features', 'flatten'],
        ['flatten', 'dense', { delay: 1 }],
      ],
      ...[
        ['dense', 'cells'],
        ['cells', 'back', { delay: 2 }],
        ['back', 'cells'],
      ],
      ...[
        ['cells', 'decode'],
        ['decode', 'filter'],
        ['filter', 'out'],
      ],
    ],
    semantics: { dt: 0.001 },
  });
}

function randomWindow(steps: number): EventBuffer {
  const random = new RandomGenerator(2, 'window');
  const input = new EventBuffer(16 * steps);
  for (let step = 0; step < steps; step++) {
    for (let index = 0; index < 16; index++) if (random.nextUniform() < 0.4) input.push(step, 0, index, 1);
  }
  return input;
}

function rasterOf(network: RunningNetwork, steps: number) {
  const [output, raster] = [new EventBuffer(10_000), new EventBuffer(10_000)];
  network.run(steps, randomWindow(steps), output, raster);
  const { step, node, index, value } = raster.toList();
  return { step: [...step], node: [...node], index: [...index], value: [...value], outputs: output.toList() };
}

/** Values that go round a loop of connections for ever, and a read-out that shows them. */
function loopOfConnections() {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      there: {
        type: 'Linear',
        weight: [
          [0, 0.5],
          [0.25, 0],
        ],
      },
      back: {
        type: 'Linear',
        weight: [
          [1, 0],
          [0, -1],
        ],
      },
      filter: { type: 'LI', tau: 0.004 },
      out: { type: 'Output', shape: [2] },
    },
    edges: [
      ['in', 'there'],
      ['there', 'back', { delay: 1 }],
      ['back', 'there', { delay: 2 }],
      ['there', 'filter'],
      ['filter', 'out'],
    ],
    semantics: { dt: 0.001 },
  });
}

/** A spike that reaches the output through `depth` connections, at each of which there are two ways. */
function manyWays(depth: number) {
  const sums = Array.from({ length: depth }, (_, k) => k);
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      ...Object.fromEntries(
        sums.flatMap((k) => [
          [`a${k}`, { type: 'Scale', scale: 0.5 }],
          [`b${k}`, { type: 'Flatten' }],
        ]),
      ),
      out: { type: 'Output', shape: [1] },
    },
    edges: sums.flatMap((k) => {
      const before = k === 0 ? ['in'] : [`a${k - 1}`, `b${k - 1}`];
      const ways = before.flatMap((source) => [
        [source, `a${k}`],
        [source, `b${k}`],
      ]);
      return k < depth - 1 ? ways : [...ways, [`a${k}`, 'out'], [`b${k}`, 'out']];
    }),
    semantics: { dt: 0.001 },
  });
}

/** Two Inputs of whole numbers up to 127 quarters each. */
function twoInputs() {
  const model = parseModel({
    nodes: {
      a: { type: 'Input', shape: [2] },
      b: { type: 'Input', shape: [2] },
      fromA: { type: 'Linear', weight: [[1, 2]] },
      fromB: { type: 'Linear', weight: [[3, 4]] },
      cell: { type: 'LIF', tau: 0.01, v_threshold: 1 },
      out: { type: 'Output', shape: [1] },
    },
    edges: [
      ['a', 'fromA'],
      ['b', 'fromB'],
      ['fromA', 'cell'],
      ['fromB', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 0.001 },
  });
  const inputs = new Map([
    ['a', 2],
    ['b', 1],
  ]);
  return quantize(model, { bits: 8, calibration: { inputs } });
}

describe('clocked engine', () => {
  it('goes on counting the values that it cuts, of whichever input, after a restore', () => {
    const [running, restored] = [clockedEngine.load(twoInputs()), clockedEngine.load(twoInputs())];
    const input = new EventBuffer(8);
    for (let k = 0; k < 8; k++) {
      const node = running.graph.nodes.findIndex(({ name }) => name === (k % 4 === 0 ? 'a' : 'b'));
      input.push(k, node, k % 2, k === 7 ? 0.5 : 1000);
    }
    running.run(8, input, new EventBuffer(8));
    expect(running.counters.clippedInputs).toBe(7);
    restored.run(8, input, new EventBuffer(8));
    restored.restore(running.save());
    expect(restored.counters.clippedInputs).toBe(7);
    restored.run(8, input, new EventBuffer(8));
    expect(restored.counters.clippedInputs).toBe(14);
  });

  it('lets real values go round a loop of connections, like the reference', () => {
    const outputs = [clockedEngine, referenceEngine].map((engine) => {
      const [input, output] = [new EventBuffer(2), new EventBuffer(100)];
      input.push(0, 0, 0, 1);
      input.push(1, 0, 1, 1);
      engine.load(loopOfConnections()).run(20, input, output);
      return output.toList();
    });
    expect(outputs[1]!.value.length).toBeGreaterThan(30);
    expect([...outputs[0]!.step]).toEqual([...outputs[1]!.step]);
    const [actual, expected] = outputs.map(({ value }) => [...value]);
    for (const [k, value] of expected!.entries()) expect(actual![k]).toBeCloseTo(value, 6);
  });

  it('adds up real values that arrive in more ways than anyone could follow', () => {
    const [input, output] = [new EventBuffer(1), new EventBuffer(1)];
    input.push(0, 0, 0, 1);
    clockedEngine.load(manyWays(60)).run(1, input, output);
    expect(output.value[0]).toBeCloseTo(1.5 ** 60, -4);
  });

  it('runs populations without a kernel by the equations of their kind, like the reference', () => {
    const model = exampleModel();
    const graph = resolveGraph(model.graph, model.semantics);
    const program = compileProgram(wire(graph), { ...floatForm, hasKernel: () => false }, new Set());
    expect(program.step.filter(({ role }) => role === 'dynamics')).toHaveLength(3);
    const network = new ClockedNetwork(model, program, floatForm, [], {});
    const [actual, expected] = [network, referenceEngine.load(model)].map((each) => rasterOf(each, 60));
    expect(actual!.step.length).toBeGreaterThan(50);
    expect({ ...actual, outputs: undefined }).toEqual({ ...expected, outputs: undefined });
    actual!.outputs.value.forEach((value, k) => {
      expect(value).toBeCloseTo(expected!.outputs.value[k]!, 5);
    });
    expect(network.counters.spikes).toBe(actual!.step.length);
  });

  it('says how many bytes it has: its memory, and what stands beside it', () => {
    const model = exampleModel();
    const graph = resolveGraph(model.graph, model.semantics);
    const program = compileProgram(wire(graph), floatForm, new Set());
    // Beside the memory: sums of the Input, a dense vector for the raster of the convolution's population, and how
    // membranes and refractory steps start, of nine pixels with four channels (one of them padding), of eight and of
    // four neurons, padded to sixteen.
    const beside = 8 * (16 + 27) + 4 * (2 * 48 + 2 * 16 + 16);
    expect(clockedEngine.load(model, { kernels: 'typescript' }).bytes).toBe(program.memory.bytes + beside);
    expect(clockedEngine.load(model, { kernels: 'wasm' }).bytes).toBe(65536 + beside);
  });

  it('never hands on what is not a number, whatever arrives', () => {
    const network = clockedEngine.load(exampleModel());
    const [input, output] = [new EventBuffer(200), new EventBuffer(200)];
    for (let step = 0; step < 10; step++) {
      for (let index = 0; index < 16; index++) input.push(step, 0, index, index % 2 === 0 ? 1e308 : -1e308);
    }
    network.run(10, input, output);
    expect(output.toList().value.every(Number.isFinite)).toBe(true);
    for (const node of ['features', 'cells', 'filter']) {
      expect(network.readState(node, 'v').every(Number.isFinite)).toBe(true);
    }
  });

  it('takes in a window of several Inputs in pieces as it takes single steps, and refuses it as a whole', () => {
    const random = new RandomGenerator(3, 'two inputs');
    const weight = (inputs: number) =>
      Array.from({ length: 6 }, () => Array.from({ length: inputs }, () => random.nextNormal()));
    const model = parseModel({
      nodes: {
        wide: { type: 'Input', shape: [40] },
        narrow: { type: 'Input', shape: [7] },
        first: { type: 'Linear', weight: weight(40) },
        second: { type: 'Linear', weight: weight(7) },
        cells: cell,
        out: { type: 'Output' },
      },
      edges: [
        ['wide', 'first'],
        ['narrow', 'second'],
        ['first', 'cells'],
        ['second', 'cells'],
        ['cells', 'out'],
      ],
      semantics: { dt: 0.001 },
    });
    const steps = 50;
    const graph = resolveGraph(model.graph, model.semantics);
    const [wide, narrow] = ['wide', 'narrow'].map((name) => graph.nodes.findIndex((node) => node.name === name));
    // More events than there is room for at once, and some steps without any.
    const events: [number, number, number][] = [];
    for (let step = 0; step < steps; step++) {
      if (step % 9 > 6) continue;
      for (const [node, size] of [[wide!, 40] as const, [narrow!, 7] as const]) {
        for (let index = 0; index < size; index++) if (random.nextUniform() < 0.6) events.push([step, node, index]);
      }
    }
    const windowOf = (some: typeof events) => {
      const window = new EventBuffer(some.length);
      for (const [step, node, index] of some) window.push(step, node, index, 1);
      return window;
    };
    const listed = (output: EventBuffer) =>
      Array.from({ length: output.length }, (_, k) => [output.step[k]!, output.index[k]!]);
    const inSteps = clockedEngine.load(model);
    const expected = Array.from({ length: steps }, (_, step) => {
      const output = new EventBuffer(6);
      const some = events.filter(([at]) => at === step).map(([, node, index]) => [0, node, index] as const);
      inSteps.run(1, windowOf(some.map((each) => [...each])), output);
      return listed(output).map(([, index]) => [step, index!]);
    }).flat();
    expect(expected.length).toBeGreaterThan(20);
    for (const kernels of ['wasm', 'typescript'] as const) {
      const network = clockedEngine.load(model, { kernels });
      const output = new EventBuffer(6 * steps);
      const [step, node] = events.at(-1)!;
      expect(() => network.run(steps, windowOf([...events, [step, node, 40]]), output)).toThrow(/has index 40/);
      expect([network.step, output.length]).toEqual([0, 0]);
      network.run(steps, windowOf(events), output);
      expect(listed(output)).toEqual(expected);
    }
  });

  it('refuses a window whose steps go back where one piece of it ends and the next begins', () => {
    const model = parseModel({
      nodes: { in: { type: 'Input', shape: [1] }, out: { type: 'Output' } },
      edges: [['in', 'out']],
    });
    // There is room for four events of an Input of one element.
    const steps = [0, 1, 2, 10, 5, 6];
    for (const kernels of ['wasm', 'typescript'] as const) {
      const network = clockedEngine.load(model, { kernels });
      const [input, output] = [new EventBuffer(6), new EventBuffer(20)];
      for (const step of steps) input.push(step, 0, 0, 1);
      expect(() => network.run(20, input, output)).toThrow(/event 4 into "in": is at step 5/);
      expect([network.step, output.length]).toEqual([0, 0]);
    }
  });

  it('refuses an edge out of an Output, which only the reference passes on', () => {
    const model = parseModel({
      nodes: { in: { type: 'Input', shape: [2] }, out: { type: 'Output' }, more: { type: 'Output' } },
      edges: chain('in', 'out', 'more'),
    });
    expect(() => clockedEngine.load(model)).toThrow(SpikewireError);
    expect(() => clockedEngine.load(model)).toThrow(/node "out" \(Output\): has an edge out of it/);
  });

  it('has the state of one form of kernels and of no other model', () => {
    const integers = quantize(exampleModel(), { bits: 8 });
    const [wasm, typescript] = [clockedEngine.load(integers), clockedEngine.load(integers, { kernels: 'typescript' })];
    rasterOf(wasm, 30);
    typescript.restore(wasm.save());
    expect(rasterOf(typescript, 30)).toEqual(rasterOf(wasm, 30));
    expect(() => clockedEngine.load(exampleModel()).restore(wasm.save())).toThrow(/belongs to/);
  });
});
