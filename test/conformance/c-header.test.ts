import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formats } from '@spikewire/exchange/formats';
import {
  elementCount,
  type Model,
  parseModel,
  quantize,
  RandomGenerator,
  readWith,
  SpikewireError,
  writeWith,
} from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed, type RunningNetwork } from 'spikewire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { arbitraryGraph } from './arbitrary-graph.ts';
import { cells } from './cells.ts';
import { play, type Stimulus } from './play.ts';

const cHeader = formats.find(({ name }) => name === 'c')!;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-c-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What populations and Outputs emit in the compiled net, as `play` says it; inputs are whole numbers. */
function playCompiled(compiler: string, network: RunningNetwork, steps: number, stimulus: Stimulus) {
  const { model, graph } = network;
  writeFileSync(join(folder, 'net.h'), writeWith(cHeader, model));
  writeFileSync(join(folder, 'main.c'), programFor(network, steps, stimulus));
  const options = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-fsanitize=undefined', '-fno-sanitize-recover', '-O1'];
  execFileSync(compiler, [...options, '-o', join(folder, 'net'), join(folder, 'main.c')], { stdio: 'pipe' });
  const lines = execFileSync(join(folder, 'net'), { encoding: 'utf8', maxBuffer: 1 << 26 })
    .trim()
    .split('\n');
  const events: Record<string, number[][]> = Object.fromEntries(graph.nodes.map(({ name }) => [name, []]));
  for (const line of lines.filter((text) => text !== '')) {
    const [step, node, index, value] = line.split(' ').map(Number);
    events[graph.nodes[node!]!.name]!.push([step!, index!, value!]);
  }
  return events;
}

/** Puts in what the stimulus says, and prints what is not 0. */
function programFor({ graph }: RunningNetwork, steps: number, stimulus: Stimulus): string {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const prints: string[] = [];
  const words: string[] = [];
  graph.nodes.forEach(({ kind, name, shape }, index) => {
    const size = elementCount(shape);
    const print = (values: string, format: string) =>
      `for (int n = 0; n < ${size}; n++) if (${values}[n] != 0) printf("%d ${index} %d ${format}\\n", t, n, ${values}[n]);`;
    if (kind.role === 'input') {
      const rows = Array.from({ length: steps }, () => new Array<number>(size).fill(0));
      for (const [step, index, value = 1] of stimulus[name] ?? []) rows[step!]![index!] = value;
      inputs.push(`static const int32_t given${index}[][${size}] = {${rows.map((row) => `{${row}}`)}};`);
      words.push(`given${index}[t]`);
    }
    if (kind.role === 'output') {
      outputs.push(`double out${index}[${size}];`);
      prints.push(print(`out${index}`, '%.17g'));
    }
    if (kind.role === 'neuron' && kind.emits === 'spikes') {
      prints.push(print(`s.e${index}[t % (sizeof s.e${index} / sizeof s.e${index}[0])]`, '%d'));
    }
  });
  for (const declaration of outputs) words.push(/out\d+/.exec(declaration)![0]);
  return `#include <stdio.h>
#include "net.h"
${inputs.join('\n')}
static net s;
int main(void) {
  net_start(&s);
  for (int t = 0; t < ${steps}; t++) {
    ${outputs.join('\n    ')}
    net_step(&s, ${words.join(', ')});
    ${prints.join('\n    ')}
  }
  return 0;
}
`;
}

/** Rectifiers behind each other, the second of which is held at a ceiling. */
function rectifiers(membraneBits: 16 | 32): Model {
  const random = new RandomGenerator(7, 'rectifiers');
  const rows = (outputs: number, inputs: number) =>
    Array.from({ length: outputs }, () => Array.from({ length: inputs }, () => random.nextNormal()));
  const nodes = {
    in: { type: 'Input', shape: [6] },
    a: { type: 'Affine', weight: rows(9, 6), bias: rows(1, 9)[0] },
    first: { type: 'ReLU' },
    b: { type: 'Affine', weight: rows(7, 9), bias: rows(1, 7)[0] },
    second: { type: 'ReLU', ceiling: 1.5 },
    c: { type: 'Linear', weight: rows(3, 7) },
    sum: { type: 'LI', tau: 0.01 },
    out: { type: 'Output' },
  };
  const names = Object.keys(nodes);
  const edges = names.slice(1).map((name, k) => [names[k]!, name]);
  const states = new Map(Object.entries({ first: 6, second: 1.5, sum: 4 }));
  return quantize(parseModel({ nodes, edges, semantics: { dt: 0.001 } }), {
    ...{ bits: 8, membraneBits },
    calibration: { inputs: new Map([['in', 2]]), states },
  });
}

const integral = ['IF', 'LIF', 'CubaLIF', 'CubaLIF 2', 'ALIF', 'ALIF 2'];

describe('a net as C header', () => {
  it('hands on what rectifiers do', (context) => {
    const compiler = needs(context, 'gcc');
    for (const bits of [16, 32] as const) {
      const random = new RandomGenerator(8, 'stimulus');
      const numbers = Array.from({ length: 240 }, (_, k) => [Math.floor(k / 6), k % 6, random.nextInteger(255) - 127]);
      const network = engineNamed('integer').load(rectifiers(bits));
      const real = numbers.map(([step, index, n]) => [step!, index!, (n! * 2) / 127]);
      const truth = play(network, 40, { in: real });
      expect(truth.out!.length).toBeGreaterThan(60);
      expect(playCompiled(compiler, network, 40, { in: numbers })).toEqual(truth);
    }
  });

  it('spikes bit for bit as the integer engine, in random graphs', (context) => {
    const compiler = needs(context, 'gcc');
    let compared = 0;
    let spikes = 0;
    const nets = arbitraryGraph(integral.map((name) => cells[name]!));
    for (const [k, { model, steps, stimulus }] of fc.sample(nets, { numRuns: 36, seed: 1 }).entries()) {
      const options = { bits: k % 3 === 0 ? 4 : 8, membraneBits: k % 2 === 0 ? 32 : 16 } as const;
      const whole = quantizedOrNot(model, options);
      if (whole === undefined) continue;
      const network = engineNamed('integer').load(whole);
      const truth = play(network, steps, stimulus);
      expect(playCompiled(compiler, network, steps, stimulus), `net ${k}`).toEqual(truth);
      compared++;
      spikes += Object.values(truth).flat().length;
    }
    expect(compared).toBeGreaterThan(8);
    expect(spikes / compared).toBeGreaterThan(50);
  });

  it('reads graded values, hands on states and sends many spikes', (context) => {
    const compiler = needs(context, 'gcc');
    const model = parseModel({
      nodes: {
        'in */ int x; /*': { type: 'Input', shape: [3] },
        fc: {
          type: 'Affine',
          weight: [
            [60, -30, 15],
            [-90, 70, 50],
          ],
          bias: [0.3, -0.1],
        },
        cell: cells['CubaLIF 2']!.node,
        read: { type: 'Linear', weight: [[1, -1]] },
        state: { type: 'LI', tau: 0.02, v_leak: 0.1 },
        out: { type: 'Output' },
        both: { type: 'Output' },
      },
      edges: [
        ['in */ int x; /*', 'fc'],
        ['fc', 'cell'],
        ['cell', 'read'],
        ['read', 'state'],
        ['state', 'out'],
        ['cell', 'both', { delay: 2 }],
      ],
      semantics: { dt: 1e-3 },
      encoder: { 'in */ int x; /*': { type: 'direct' } },
    });
    const network = engineNamed('integer').load(
      quantize(model, { bits: 8, calibration: { states: new Map([['state', 3]]) } }),
    );
    const { scale, maximum } = network.model.quantization!.inputs.get('in */ int x; /*')!;
    expect(maximum).toBe(127);
    const whole = Array.from({ length: 300 }, (_, k) => [k, k % 3, ((k * 37) % 255) - 127]);
    const real = whole.map(([step, index, n]) => [step!, index!, n! * scale]);
    const truth = play(network, 300, { 'in */ int x; /*': real });
    expect(truth.out!.length).toBeGreaterThan(100);
    expect(truth.cell!.some(([, , count]) => count > 5)).toBe(true);
    expect(playCompiled(compiler, network, 300, { 'in */ int x; /*': whole })).toEqual(truth);
  });

  it('convolves, pools, and multiplies rows by matrices of their own', (context) => {
    const compiler = needs(context, 'gcc');
    const random = new RandomGenerator(5, 'c');
    const weights = (...shape: number[]): unknown =>
      shape.length === 0
        ? random.nextNormal() + 0.3
        : Array.from({ length: shape[0]! }, () => weights(...shape.slice(1)));
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [2, 6, 6] },
        conv: { type: 'Conv2d', weight: weights(4, 1, 3, 3), bias: weights(4), groups: 2, padding: 1 },
        lif: { type: 'LIF', tau: 0.01, r: 6, v_threshold: 1, tau_ref: 0.002 },
        pool: { type: 'AvgPool2d', kernel_size: 2, stride: 2 },
        rows: { type: 'Affine', weight: weights(4, 3, 2, 3), bias: weights(2) },
        more: { type: 'LIF', tau: 0.01, r: 6, v_threshold: 1 },
        flat: { type: 'Flatten' },
        fc: { type: 'Linear', weight: weights(5, 24) },
        if: { type: 'IF', r: 300, v_threshold: 1, semantics: { reset: 'subtract' } },
        out: { type: 'Output' },
      },
      edges: chain('in', 'conv', 'lif', 'pool', 'rows', 'more', 'flat', 'fc', 'if', 'out'),
      semantics: { dt: 1e-3 },
    });
    const network = engineNamed('integer').load(quantize(model, { bits: 8 }));
    const events = Array.from({ length: 100 * 72 }, (_, k) => [Math.floor(k / 72), k % 72]);
    const stimulus = { in: events.filter(() => random.nextUniform() < 0.1) };
    const truth = play(network, 100, stimulus);
    expect(truth.out!.length).toBeGreaterThan(50);
    expect(playCompiled(compiler, network, 100, stimulus)).toEqual(truth);
  });

  it.for<[string, object, number]>([
    ['time constants and rises of thresholds', { tau: [0.005, 0.01, 0.02], theta_plus: [0.1, 0.2, 0.4] }, 16],
    ['refractory times', { tau_ref: [0, 0.002, 0.004] }, 16],
    ['membranes at the start', { v_initial: [0, -2, -4] }, 16],
    ['membranes at the start of half channels', { v_initial: [0, -1, -2, -3, -4, -5] }, 8],
    ['nothing', {}, 48],
  ])('writes constants of a channel once where channels differ in %s', ([, differing, each], context) => {
    const compiler = needs(context, 'gcc');
    const random = new RandomGenerator(6, 'channels');
    // The same for all channels, so that only what the line says is left to differ.
    const kernel = Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => random.nextNormal() + 0.5));
    const spelled = (values: number[]) =>
      Array.from({ length: 3 }, (_, channel) =>
        Array.from({ length: 4 }, (_, row) =>
          new Array(4).fill(values[Math.floor(((channel * 4 + row) * values.length) / 12)]),
        ),
      );
    const own = Object.entries(differing).map(([key, values]) => [key, spelled(values)]);
    const nodes = {
      in: { type: 'Input', shape: [1, 6, 6] },
      conv: { type: 'Conv2d', weight: [[kernel], [kernel], [kernel]] },
      cell: {
        ...{ type: 'ALIF', tau: 0.01, r: 4, v_threshold: 1, theta_plus: 0.2, tau_theta: 0.02, tau_ref: 0.001 },
        ...Object.fromEntries(own),
      },
      out: { type: 'Output' },
    };
    const model = parseModel({ nodes, edges: chain(...Object.keys(nodes)), semantics: { dt: 1e-3 } });
    const network = engineNamed('integer').load(quantize(model, { bits: 8 }));
    const events = Array.from({ length: 60 * 36 }, (_, k) => [Math.floor(k / 36), k % 36]);
    const stimulus = { in: events.filter(() => random.nextUniform() < 0.2) };
    const truth = play(network, 60, stimulus);
    expect(truth.out!.length).toBeGreaterThan(100);
    expect(playCompiled(compiler, network, 60, stimulus)).toEqual(truth);
    const header = new TextDecoder().decode(writeWith(cHeader, network.model));
    expect(/decay\d+\[\] = \{([^}]*)\}/.exec(header)![1]!.split(',')).toHaveLength(48 / each);
  });

  it('is what export writes for .h, and is known when it comes back', () => {
    const zoo = fileURLToPath(new URL('../../models/zoo/mnist-784-256-10.spike', import.meta.url));
    const command = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
    const out = join(folder, 'net.h');
    execFileSync(process.execPath, [command, 'export', zoo, '--out', out]);
    const bytes = readFileSync(out);
    expect(bytes.toString()).toContain(
      'net_step(&s, const int32_t *in0, double *out5):\n   in0: in, 784 whole numbers',
    );
    expect(cHeader.sniff(bytes)).toBe(true);
    expect(() => readWith(cHeader, bytes)).toThrow('model: is c, which is only written; expected another format');
  });

  it.each<[string, (model: Model) => Model, RegExp]>([
    ['a float model', (model) => model, /^integer form: got a float model; expected a model that is quantised$/],
    [
      'a connection that learns',
      (model) => quantize({ ...model, learning: new Map([['fc', [{ rule: 'pes', parameters: {} }]]]) }, { bits: 8 }),
      /^node "fc" \(Linear\): learns, and a C header does not; expected a model without learning$/,
    ],
  ])('refuses %s', (_what, change, message) => {
    const nodes = {
      in: { type: 'Input', shape: [1] },
      fc: { type: 'Linear', weight: [[1]] },
      state: { type: 'LI', tau: 0.02 },
      out: { type: 'Output' },
    };
    const model = parseModel({
      nodes,
      edges: chain('in', 'fc', 'state', 'out'),
    });
    expect(() => writeWith(cHeader, change(model))).toThrow(message);
  });

  it('refuses max pooling, whose choice it does not have', () => {
    const pool = { type: 'MaxPool1d', kernel_size: 2, stride: 2 };
    const nodes = { in: { type: 'Input', shape: [1, 4] }, pool, out: { type: 'Output' } };
    const model = quantize(parseModel({ nodes, edges: chain('in', 'pool', 'out') }), { bits: 8 });
    expect(() => writeWith(cHeader, model)).toThrow(
      'node "pool" (MaxPool1d): is not written in C; expected SumPool2d, AvgPool2d or a stride',
    );
  });
});

const chain = (...names: string[]) => names.slice(1).map((name, k) => [names[k], name]);

/** Random graphs may be ones that have no integer form. */
function quantizedOrNot(model: Model, options: Parameters<typeof quantize>[1]): Model | undefined {
  try {
    return quantize(model, { ...options, calibration: { inputs: new Map([['in', 'spikes']]) } });
  } catch (problem) {
    if (problem instanceof SpikewireError && ['unsupported', 'graph'].includes(problem.code)) return undefined;
    throw problem;
  }
}
