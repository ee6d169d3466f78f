import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formats } from '@spikewire/exchange/formats';
import {
  baseOf,
  type CodingDeclaration,
  KnownRange,
  type Model,
  modelDecoder,
  parseModel,
  quantize,
  RandomGenerator,
  readModel,
  writeWith,
} from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';

const cHeader = formats.find(({ name }) => name === 'c')!;
const LABELS = ['still "so"', 'schnell ??/ größer', 'c\\*/'];
const STEPS = 24;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-c-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Answer {
  /** A class or "unknown"; null where the reading is refused. */
  readonly result: string | null;
  /** The class, also where that is not enough. */
  readonly likeliest: string | null;
}

/** What the compiled header answers, reading by reading. */
function answersInC(compiler: string, model: Model, readings: readonly (readonly number[])[]): Answer[] {
  writeFileSync(join(folder, 'net.h'), writeWith(cHeader, model));
  const literal = (value: number) => (Number.isFinite(value) ? value.toExponential(17) : 'NAN');
  const rows = readings.map((reading) => `{${reading.map(literal)}}`);
  writeFileSync(
    join(folder, 'main.c'),
    `#include <math.h>
#include <stdio.h>
#include "net.h"
static const double readings[][NET_NUMBERS] = {${rows.join(',\n')}};
static net_classifier c;
int main(void) {
  for (unsigned k = 0; k < sizeof readings / sizeof readings[0]; k++) {
    const int index = net_classify(&c, readings[k]);
    puts(index == NET_UNKNOWN ? "unknown" : index < 0 ? "" : net_class[index]);
    puts(c.likeliest < 0 ? "" : net_class[c.likeliest]);
  }
  return 0;
}
`,
  );
  const options = ['-std=c99', '-pedantic', '-Wall', '-Wextra', '-Werror', '-fsanitize=undefined', '-O1'];
  const files = ['-o', join(folder, 'net'), join(folder, 'main.c'), '-lm'];
  execFileSync(compiler, [...options, '-fno-sanitize-recover', ...files], { stdio: 'pipe' });
  const lines = execFileSync(join(folder, 'net'), { encoding: 'utf8' }).split('\n');
  return readings.map((_, k) => ({ result: lines[2 * k] || null, likeliest: lines[2 * k + 1] || null }));
}

/** What a session on the integer engine answers. */
async function answersInSession(model: Model, readings: readonly (readonly number[])[]): Promise<Answer[]> {
  const session = new Session(model, new InProcessExecutor(engineNamed('integer'), model), { clock: () => 0 });
  const answers: Answer[] = [];
  for (const [k, reading] of readings.entries()) {
    const outcome = await session.feed({ time: k, values: Float64Array.from(reading) }).catch(() => undefined);
    const result = (outcome?.result as string | undefined) ?? null;
    answers.push({ result, likeliest: outcome?.likeliest ?? result });
  }
  return answers;
}

/** Readings over a little more than the ranges, one of them no number; and some that are impossible. */
function readingsOf(channels: number, ranges: readonly (readonly [number, number])[], count = 120): number[][] {
  const random = new RandomGenerator(3, 'readings');
  const rows = Array.from({ length: count }, () =>
    Array.from({ length: channels }, (_, n) => {
      const [low, high] = ranges[n % ranges.length]!;
      return low + (high - low) * (1.3 * random.nextUniform() - 0.15);
    }),
  );
  rows[7]![0] = Number.NaN;
  const far = rows.slice(0, 7).map((row) => row.map((value) => 1e3 * value - 5e3));
  const permuted = rows.slice(0, 7).map((row, k) => row.map((_, n) => row[(n + 1 + (k % 2)) % channels]!));
  const zeros = new Array<number>(channels).fill(0);
  return [...rows, ...far, ...permuted, zeros, ...rows.slice(20, 24)];
}

const RANGES = [
  [-3, 40],
  [0, 1],
  [900, 1100],
  [-1, 1],
] as const;

interface Net {
  readonly encoder: Readonly<Record<string, unknown>>;
  readonly decoder?: Readonly<Record<string, unknown>>;
  readonly elements?: number;
  readonly cell?: object;
  readonly sample?: object;
}

/** Random weights between coded channels and three classes. */
function netOf({ encoder, decoder = { type: 'count' }, elements = 4, cell, sample }: Net): Model {
  const random = new RandomGenerator(5, 'weights');
  const rows = (outputs: number, inputs: number) =>
    Array.from({ length: outputs }, () => Array.from({ length: inputs }, () => 2 * random.nextNormal() + 0.3));
  const nodes = {
    in: { type: 'Input', shape: [elements] },
    fc: { type: 'Affine', weight: rows(12, elements), bias: Array.from({ length: 12 }, () => random.nextNormal() / 4) },
    hidden: { type: 'LIF', tau: 0.006, r: 2, v_threshold: 1 },
    fc2: { type: 'Linear', weight: rows(3, 12) },
    cell: cell ?? { type: 'LIF', tau: 0.004, r: 3, v_threshold: 1 },
    out: { type: 'Output' },
  };
  const names = Object.keys(nodes);
  const model = parseModel({
    nodes,
    edges: names.slice(1).map((name, k) => [names[k], name]),
    semantics: { dt: 0.001, reset: 'subtract' },
    sample: { steps: STEPS, between: 'reset', ...sample },
    encoder: { in: { range: RANGES, ...encoder } },
    decoder: { out: decoder },
    labels: LABELS,
  });
  return quantize(model, { bits: 8, calibration: { states: new Map([['cell', 4]]) }, warn: () => {} });
}

const LI = { type: 'LI', tau: 0.01 };

describe('a classifier as C header', () => {
  it.for<[string, Net]>([
    ['direct currents', { encoder: { type: 'direct', gain: 0.7 } }],
    ['direct currents on [0, 1], of one range', { encoder: { type: 'direct', span: 'unit', range: [-2, 30] } }],
    ['a sequence of frames', { encoder: { type: 'sequence', frames: 2, gain: 0.8 }, elements: 2 }],
    ['latencies', { encoder: { type: 'latency', cutoff: 0.1 } }],
    ['an order', { encoder: { type: 'rank-order', cutoff: 0.2 }, sample: { rest: 3 } }],
    ['phases', { encoder: { type: 'phase', phases: 7 } }],
    ['weighted phases', { encoder: { type: 'phase', phases: 5, emits: 'weighted' } }],
    ['changes', { encoder: { type: 'delta', threshold: 0.4 }, elements: 8, sample: { between: 'continue' } }],
    ['signed changes', { encoder: { type: 'delta', polarity: 'signed', maxEvents: 5 }, sample: { rest: 2 } }],
    ['receptive fields', { encoder: { type: 'population', fields: 5 }, elements: 20 }],
    ['latencies of fields', { encoder: { type: 'population', fields: 4, emits: 'latency', latest: 9 }, elements: 16 }],
    ['rates', { encoder: { type: 'direct' }, decoder: { type: 'max-rate' }, sample: { between: 'continue', rest: 4 } }],
    ['first spikes', { encoder: { type: 'direct' }, decoder: { type: 'earliest-spike' }, sample: { rest: 2 } }],
    ['ranks', { encoder: { type: 'latency' }, decoder: { type: 'rank' } }],
    ['ranks without modulation', { encoder: { type: 'latency' }, decoder: { type: 'rank', modulation: 1 } }],
    ['membranes', { encoder: { type: 'direct' }, decoder: { type: 'membrane-softmax' }, cell: LI }],
    ['membranes of spiking neurons', { encoder: { type: 'direct' }, decoder: { type: 'membrane-softmax' } }],
  ])('has the classes of a session for %s', async ([, net], context) => {
    await expectSameAnswers(needs(context, 'gcc'), netOf(net), 4);
  });

  it.for<[string, object, 'settled' | 'taught on']>([
    ['one read-out', {}, 'settled'],
    ['a mixture of base and lessons since', {}, 'taught on'],
    ['two views', { views: 2, readout: 'rls' }, 'settled'],
    ['two views of a mixture', { views: 2, balance: 'classes' }, 'taught on'],
    ['the delta rule', { readout: 'delta' }, 'settled'],
  ])('answers as a read-out that was taught: %s', async ([, parameters, state], context) => {
    const model = taught(parameters, state);
    const header = new TextDecoder().decode(writeWith(cHeader, model));
    expect(header).toContain('The read-out is fixed');
    await expectSameAnswers(needs(context, 'gcc'), model, 4, true);
  });

  it.for(['never', undefined] as const)('knows zeros alone as the runtime does: %s', async (zeros, context) => {
    const { sample, ...net } = netOf({ encoder: { type: 'direct', range: [-1, 1] } });
    const model: Model = { ...net, sample: { ...sample, ...(zeros && { zeros }) } };
    const readings = [
      [0, 0, 0, 0],
      [0, 0, 0.5, 0],
      [-0, 0, 0, 0],
      [0.2, -0.4, 0.6, 0.1],
    ];
    const answers = answersInC(needs(context, 'gcc'), model, readings);
    expect(answers).toEqual(await answersInSession(model, readings));
    expect(answers.map(({ result }) => result === 'unknown')).toEqual(
      zeros ? [true, false, true, false] : [false, false, false, false],
    );
  });

  it('asks no number whose scale follows the stream, and counts the others', async (context) => {
    const net = netOf({ encoder: { type: 'direct', range: [-4, 4] } });
    const standardise = { type: 'standardise', parameters: { mean: 0, deviation: 1, clip: 1000 } };
    const model: Model = {
      ...net,
      features: new Map([['in', [[standardise, { type: 'running-standardise', parameters: { clip: 1000 } }]]]]),
    };
    // Two channels, each with a number of both: the second of each is not asked.
    const readings = [
      [0, 900, 1, -900],
      [5.9, 0, 4, 0],
      [6.1, 0, -4, 0],
      [5, 0, -4.9, 0],
      [5, 0, -5.1, 0],
    ];
    const found = answersInC(needs(context, 'gcc'), model, readings).map(({ result }) => result === 'unknown');
    expect(found).toEqual([false, false, true, false, true]);
  });

  it('says in its head how it is called, what the numbers are, and what the caller is left to do', () => {
    const net = netOf({ encoder: { type: 'direct' } });
    const channels = ['temp', 'door */ x', 'hpa', 'tilt'].map((name, k) => ({ name, unit: k === 0 ? '°C' : '' }));
    const features = new Map([['in', [{ type: 'standardise', parameters: { mean: 0, deviation: 1 } }]]]);
    const headOf = (model: Model) => new TextDecoder().decode(writeWith(cHeader, model)).split('*/')[0]!;
    const head = headOf({ ...net, channels });
    expect(head).toContain('[0] temp in °C, -3 to 40\n     [1] door ?/ x, 0 to 1\n     [2] hpa, 900 to 1100\n');
    expect(head).toContain('net_classify(&c, reading)');
    expect(headOf({ ...net, features })).toMatch(/what the model's features give.*the caller does:\n +standardise\n/);
  });

  it.each<[string, (net: Model) => Model, string]>([
    ['random spikes', (net) => encodedBy(net, { type: 'poisson', parameters: { maxRate: 200 } }), 'encoder "poisson"'],
    ['a range that is found', (net) => encodedBy(net, { type: 'direct', parameters: { range: 'auto' } }), 'its range'],
    ['no encoder', (net) => ({ ...net, encoder: new Map() }), 'Input "in" has no encoder'],
    ['no decoder', (net) => ({ ...net, decoder: new Map() }), 'Output "out" has no decoder'],
    ['numbers', (net) => decodedBy(net, { type: 'linear', parameters: {} }), 'decoder "linear" is not written in C'],
    ['nothing taught', (net) => decodedBy(net, { type: 'teachable', parameters: {} }), 'was taught nothing'],
  ])('has the net alone for %s, and says why', (_what, change, reason) => {
    const header = new TextDecoder().decode(writeWith(cHeader, change(netOf({ encoder: { type: 'direct' } }))));
    expect(header).toMatch(
      new RegExp(`There is no net_classify: .*${reason}.*\\. The caller encodes readings and decodes outputs\\.`),
    );
    expect(header).toContain('net_step(net *s');
    expect(header).not.toContain('net_classify(net_classifier');
  });

  it('of the zoo knows images by one call', async (context) => {
    const compiler = needs(context, 'gcc');
    const zoo = fileURLToPath(new URL('../../models/zoo/mnist-784-256-10.spike', import.meta.url));
    const model = readModel(readFileSync(zoo));
    const random = new RandomGenerator(9, 'strokes');
    const images = Array.from({ length: 12 }, () => strokes(random));
    const answers = answersInC(compiler, model, images);
    expect(answers).toEqual(await answersInSession(model, images));
    expect(new Set(answers.map(({ result }) => result)).size).toBeGreaterThan(2);
  });

  /** `isStrange`: to the session windows may be unknown that lie within the ranges. */
  async function expectSameAnswers(compiler: string, model: Model, channels: number, isStrange = false): Promise<void> {
    const { range } = model.encoder.get('in')!.parameters as {
      range: (readonly [number, number])[] | [number, number];
    };
    const ranges = Array.isArray(range[0]) ? (range as [number, number][]) : [range as [number, number]];
    const readings = readingsOf(channels, ranges);
    const expected = await answersInSession(model, readings);
    const answers = answersInC(compiler, model, readings);
    const known = new KnownRange(channels, (n) => endsOf(ranges[n % ranges.length]!), { byLessons: false });
    for (const [k, { result, likeliest }] of answers.entries()) {
      expect(likeliest, `reading ${k}`).toBe(expected[k]!.likeliest);
      expect(result === 'unknown', `reading ${k}`).toBe(k !== 7 && known.isBeyond(readings[k]!));
      if (!isStrange) expect(result, `reading ${k}`).toBe(expected[k]!.result);
    }
    expect(expected[7]!.result).toBe(null);
    const unknown = answers.filter(({ result }) => result === 'unknown').length;
    expect(unknown).toBeGreaterThanOrEqual(7);
    expect(unknown).toBeLessThan(readings.length / 2);
    expect(new Set(expected.map(({ likeliest }) => likeliest)).size).toBeGreaterThan(2);
  }
});

const endsOf = ([low, high]: readonly [number, number]) => ({ low, high });
const encodedBy = (net: Model, encoder: CodingDeclaration): Model => ({ ...net, encoder: new Map([['in', encoder]]) });
const decodedBy = (net: Model, decoder: CodingDeclaration): Model => ({ ...net, decoder: new Map([['out', decoder]]) });

/** Three kinds of readings, which a read-out of the hidden neurons was taught. */
function taught(parameters: object, state: 'settled' | 'taught on'): Model {
  const random = new RandomGenerator(8, 'lessons');
  const net = netOf({ encoder: { type: 'direct' }, elements: 4 });
  const nodes = new Map([...net.graph.nodes].filter(([name]) => name !== 'fc2' && name !== 'cell'));
  const edges = [...net.graph.edges.filter(({ target }) => ['fc', 'hidden'].includes(target))];
  edges.push({ ...edges[1]!, source: 'hidden', target: 'out' });
  const { quantization } = net;
  const without = <T>(map: ReadonlyMap<string, T>) =>
    new Map([...map].filter(([name]) => name !== 'fc2' && name !== 'cell'));
  const model: Model = {
    ...net,
    graph: { ...net.graph, nodes, edges },
    quantization: {
      ...quantization!,
      connections: without(quantization!.connections),
      neurons: without(quantization!.neurons),
    },
    decoder: new Map([['out', { type: 'teachable', parameters: { mostClasses: 6, ...parameters } }]]),
  };
  const decoder = modelDecoder(model, 'out', { size: 12, dt: 0.001, random });
  const lessons = (count: number) => {
    for (let k = 0; k < count; k++) {
      const label = k % 3;
      const counts = Array.from({ length: 12 }, (_, n) =>
        Math.max(0, Math.round((n % 3 === label ? 12 : 5) + 4 * random.nextNormal())),
      );
      decoder.teachable!.decodeCounts(counts);
      decoder.teachable!.teach(counts, LABELS[label]!);
    }
  };
  lessons(60);
  decoder.teachable!.settle();
  if (state === 'taught on') lessons(25);
  return { ...model, base: new Map([['out', baseOf(decoder)]]) };
}

/** An image of 28 × 28 with a few thick lines. */
function strokes(random: RandomGenerator): number[] {
  const image = new Array<number>(784).fill(0);
  for (let line = 0; line < 3; line++) {
    const [x, y, angle] = [6 + random.nextInteger(16), 6 + random.nextInteger(16), 3.15 * random.nextUniform()];
    for (let k = -6; k <= 6; k++) {
      const [column, row] = [Math.round(x + k * Math.cos(angle)), Math.round(y + k * Math.sin(angle))];
      for (const beside of [0, 1])
        if (row >= 0 && row < 28 && column + beside < 28) image[28 * row + column + beside] = 255;
    }
  }
  return image;
}
