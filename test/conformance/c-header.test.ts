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
  writeWith,
} from '@spikewire/models';
import { engineNamed, type RunningNetwork } from 'spikewire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { outputIn } from './c-head.ts';
import { chain, fixedNets, type NetForC, randomNets } from './c-nets.ts';
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
  const header = new TextDecoder().decode(writeWith(cHeader, model));
  writeFileSync(join(folder, 'net.h'), header);
  writeFileSync(join(folder, 'main.c'), programFor(network, header, steps, stimulus));
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

/** Compares all events, and gives their number. */
function expectSame(compiler: string, { model, steps, stimulus, whole, enough, many }: NetForC): number {
  const network = engineNamed('integer').load(model);
  const truth = play(network, steps, stimulus);
  expect(truth.out?.length ?? 0).toBeGreaterThanOrEqual(enough);
  if (many !== undefined) expect(truth[many]!.some(([, , count]) => count > 5)).toBe(true);
  expect(playCompiled(compiler, network, steps, whole)).toEqual(truth);
  return Object.values(truth).flat().length;
}

/** Puts in what the stimulus says, and prints what is not 0. */
function programFor({ graph }: RunningNetwork, header: string, steps: number, stimulus: Stimulus): string {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const prints: string[] = [];
  const words: string[] = [];
  graph.nodes.forEach(({ kind, name, shape }, index) => {
    const size = elementCount(shape);
    const print = (values: string, format: string, unit = '1') =>
      `for (int n = 0; n < ${size}; n++)
      if (${values}[n] != 0) printf("%d ${index} %d ${format}\\n", t, n, ${values}[n] * ${unit});`;
    if (kind.role === 'input') {
      const rows = Array.from({ length: steps }, () => new Array<number>(size).fill(0));
      for (const [step, index, value = 1] of stimulus[name] ?? []) rows[step!]![index!] = value;
      inputs.push(`static const int8_t given${index}[][${size}] = {${rows.map((row) => `{${row}}`)}};`);
      words.push(`given${index}[t]`);
    }
    if (kind.role === 'output') {
      const { type, unit } = outputIn(header, index);
      outputs.push(`${type} out${index}[${size}];`);
      prints.push(print(`out${index}`, '%.17g', unit));
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

describe('a net as C header', () => {
  it.for(fixedNets())('has what the integer engine has: %s', ([, net], context) => {
    expectSame(needs(context, 'gcc'), net());
  });

  it('spikes bit for bit as the integer engine, in random graphs', (context) => {
    const compiler = needs(context, 'gcc');
    const nets = randomNets(36);
    expect(nets.length).toBeGreaterThan(8);
    const spikes = nets.map((net) => expectSame(compiler, net));
    expect(spikes.reduce((total, count) => total + count, 0) / nets.length).toBeGreaterThan(50);
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
      'net_step(&s, const int8_t *in0, int32_t *out5):\n   in0: in, 784 whole numbers',
    );
    expect(cHeader.sniff(bytes)).toBe(true);
    expect(() => readWith(cHeader, bytes)).toThrow('model: is c, which is only written; expected another format');
  });

  it.each<[string, (model: Model) => Model, RegExp]>([
    ['a float model', (model) => model, /^integer form: got a float model; expected a model that is quantised$/],
    [
      'a connection that learns',
      (model) => quantize({ ...model, learning: new Map([['fc', [{ rule: 'pes', parameters: {} }]]]) }, { bits: 8 }),
      /^node "fc" \(Linear\): learns, which a C header does not support; expected a model without learning$/,
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
