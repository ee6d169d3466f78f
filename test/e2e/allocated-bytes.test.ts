import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  demandOf,
  diehlCook,
  type Model,
  nextReadingModel,
  nodeKinds,
  parseModel,
  quantize,
  resolveGraph,
  vogelsAbbott,
  writeModel,
} from '@spikewire/models';
import { engines } from 'spikewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';

const PROGRAM = fileURLToPath(new URL('allocated-bytes.mjs', import.meta.url));

/** An image through a convolution and a pooling to two neurons that look back. */
const image = parseModel({
  nodes: {
    in: { type: 'Input', shape: [1, 8, 8] },
    convolve: {
      type: 'Conv2d',
      weight: [0, 1, 2].map((c) => [[0, 1, 2].map((y) => [0, 1, 2].map((x) => (c + y - x) / 10))]),
      bias: [0.1, 0, -0.1],
    },
    features: { type: 'LIF', tau: 0.01, r: 4, v_threshold: 1, tau_ref: 0.002 },
    pool: { type: 'SumPool2d', kernel_size: 2, stride: 2 },
    flatten: { type: 'Flatten' },
    decide: {
      type: 'Affine',
      weight: [0, 1].map((row) => Array.from({ length: 27 }, (_, k) => ((k + row) % 5) / 20)),
      bias: [0.1, 0.2],
    },
    cells: { type: 'LIF', tau: 0.02, r: 2, v_threshold: 1 },
    back: {
      type: 'Linear',
      weight: [
        [0, -0.5],
        [-0.5, 0],
      ],
    },
    out: { type: 'Output', shape: [2] },
  },
  edges: [
    ...chain('in', 'convolve', 'features', 'pool', 'flatten', 'decide', 'cells'),
    ['cells', 'back', { delay: 2 }],
    ['back', 'cells'],
    ['cells', 'out'],
  ],
});
const predictor = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 60 });

/**
 * Both learn, one by its spikes and one by a teacher, behind connections of which each neuron has a few and with delays
 * of their own.
 */
const learning = parseModel({
  nodes: {
    in: { type: 'Input', shape: [4] },
    late: { type: 'Delay', delay: [0, 0.001, 0.003, 0] },
    some: {
      type: 'Sparse',
      weight: [0.5, 0.25, 0.5, 0.25, 0.125],
      target: [0, 2, 1, 2, 0],
      offset: [0, 2, 3, 4, 5],
      outputs: 3,
    },
    cells: { type: 'ALIF', tau: 0.02, r: 4, v_threshold: 1, theta_plus: 0.2, tau_theta: 0.1 },
    others: { type: 'AllButOne', weight: -0.25 },
    read: { type: 'Affine', weight: [[0.25, 0.5, 0.125]], bias: [0.1] },
    level: { type: 'CubaLI', tau_syn: 0.005, tau_mem: 0.02 },
    out: { type: 'Output', shape: [1] },
  },
  edges: [
    ...chain('in', 'late', 'some', 'cells'),
    ['cells', 'others', { delay: 1 }],
    ['others', 'cells'],
    ['cells', 'read'],
    ['read', 'level'],
    ['level', 'out'],
  ],
  learning: {
    some: [
      {
        rule: 'stdp',
        aPlus: 0.01,
        aMinus: 0.012,
        tauPlus: 0.02,
        tauMinus: 0.02,
        bounds: [0, 1],
        normalize: { sum: 1, every: 10 },
      },
    ],
    read: [{ rule: 'pes', learningRate: 0.01 }],
  },
});

/** Errors go back by a fixed matrix, to neurons of which the rule looks at the membranes. */
const taught = parseModel({
  nodes: {
    in: { type: 'Input', shape: [3] },
    learned: {
      type: 'Linear',
      weight: [
        [0.5, 0.25, 0.125],
        [0.25, 0.5, 0.5],
      ],
    },
    cells: { type: 'LIF', tau: 0.02, r: 4, v_threshold: 1, v_reset: 0 },
    out: { type: 'Output', shape: [2] },
  },
  edges: chain('in', 'learned', 'cells', 'out'),
  learning: { learned: { rule: 'eprop', learningRate: 0.01, feedback: { random: 4 } } },
});

/** What a kind must be told. */
const needed: Readonly<Record<string, object>> = {
  ConductanceLIF: { tau: 0.02, tau_e: 0.005, tau_i: 0.01, e_e: 5, e_i: -1, v_threshold: 1 },
  AdEx: { tau: 0.01, delta_t: 0.2, v_threshold: 1, v_peak: 3, tau_w: 0.05 },
  CubaLIF: { tau_syn: 0.004, tau_mem: 0.01, v_threshold: 1, v_min: -1 },
  LoihiLIF: { decay_u: 1024, decay_v: 128, v_threshold: 64 },
  CubaLI: { tau_syn: 0.004, tau_mem: 0.01 },
  Threshold: { threshold: 0.5 },
  IF: { v_threshold: 1 },
  LIF: { tau: 0.01, v_threshold: 1, tau_ref: 0.003 },
  ALIF: { tau: 0.01, v_threshold: 1, theta_plus: 0.3, tau_theta: 0.04, beta: 0.2 },
  SRM0: { kernel: 'double-exponential', tau: 0.01, tau_rise: 0.004, v_threshold: 1, eta: -2 },
  LI: { tau: 0.01 },
  Lowpass: { tau: 0.01 },
};

/** A net with one population of every kind of neuron, side by side. */
function everyNeuron(integrates: readonly string[]): Model {
  const kinds = nodeKinds.filter((kind) => kind.role === 'neuron');
  const nodes: Record<string, object> = { in: { type: 'Input', shape: [7] } };
  const edges: unknown[] = [];
  for (const { type, ports = [undefined], integrates: own = ['euler', 'exact'] } of kinds) {
    const integrate = integrates.find((each) => (own as readonly string[]).includes(each))!;
    nodes[type] = { type, ...needed[type], semantics: { integrate } };
    nodes[`${type} out`] = { type: 'Output', shape: [7] };
    for (const port of ports) edges.push(['in', type, { ...(port && { port }) }]);
    edges.push([type, `${type} out`]);
  }
  return parseModel({ nodes, edges, semantics: { dt: 0.00005 } });
}

/** Populations of four cells that each want a table of their flow: all together more than there is room for. */
function tabled(populations: number): Model {
  const nodes: Record<string, object> = { in: { type: 'Input', shape: [4] }, out: { type: 'Output', shape: [4] } };
  const edges: unknown[] = [];
  for (let k = 0; k < populations; k++) {
    nodes[`cells ${k}`] = { type: 'Izhikevich', b: [0.19, 0.2, 0.21, 0.22], v_initial: -65, u_initial: -13 };
    edges.push(['in', `cells ${k}`], [`cells ${k}`, 'out']);
  }
  return parseModel({ nodes, edges, semantics: { dt: 0.0005, integrate: 'rk4' } });
}

describe('the bytes that a net says it takes', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spikewire-bytes-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const all = engines.map(({ name }) => name);
  const float = all.filter((name) => name !== 'integer');
  const models: [string, Model, string[]][] = [
    ['an image in float32', image, float],
    ['an image in int8', quantize(image, { bits: 8 }), all],
    ['an image in int4, 16-bit membranes', quantize(image, { bits: 4, membraneBits: 16 }), all],
    ['a predictor that learns in float32', predictor, float],
    ['a predictor that learns in int16', quantize(predictor, { bits: 8, headroom: 8 }), all],
    ['two rules, delays, sparse connections', learning, float],
    ['errors that come back by a matrix', taught, float],
    ['synaptic currents of many', vogelsAbbott({ neurons: 60, probability: 0.2 }), float],
    ['conductances, and a rule at post spikes', diehlCook({ inputs: 20, neurons: 8 }), float],
    ['every neuron, by Euler', everyNeuron(['euler']), float],
    ['every neuron, by better schemes', everyNeuron(['rk4', 'exact']), float],
    ['more tables than there is room for', tabled(8), float],
  ];
  it.each(models)('are those of all buffers that it holds: %s', (name, model, names) => {
    const file = join(folder, `${name}.spike`);
    writeFileSync(file, writeModel(model));
    const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', PROGRAM, file, ...names]);
    expect(stderr.toString()).toBe('');
    const measured: Record<string, { held: number; bytes: number }> = JSON.parse(stdout.toString());
    const of = (pick: 'held' | 'bytes') =>
      Object.fromEntries(Object.entries(measured).map(([engine, figures]) => [engine, figures[pick]]));
    expect(of('bytes')).toEqual(of('held'));
    expect(Object.keys(measured)).toEqual(names);
    for (const bytes of Object.values(of('held'))) expect(bytes).toBeGreaterThan(500);
    // What is refused before anything is allocated is at least what would have been.
    const { bytes } = demandOf(model, resolveGraph(model.graph, model.semantics));
    expect(bytes).toBeGreaterThan(Math.max(...Object.values(of('held'))));
  });
});
