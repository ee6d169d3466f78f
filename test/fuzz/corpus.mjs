import { formatModel, nextReadingModel, parseModel, quantize, tensor, writeModel } from '@spikewire/models';

/** Models that were written by hand, each with other parts of the format. */
const written = [
  {
    nodes: {
      in: { type: 'Input', shape: [2] },
      fc: {
        type: 'Affine',
        weight: [
          [1, -0.5],
          [0.25, 1e-3],
          [0, 3],
        ],
        bias: [0, 0, 0.1],
      },
      lif: { type: 'LIF', tau: 0.0025, v_threshold: [0.1, 0.2, 0.3], semantics: { reset: 'subtract' } },
      out: { type: 'Output', shape: [3] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'lif'],
      ['lif', 'out'],
      ['lif', 'lif', { delay: 1 }],
    ],
    semantics: { dt: 0.0001 },
    encoder: {
      in: {
        type: 'poisson',
        maxRate: 100,
        range: [
          [0, 1],
          [2, 3],
        ],
      },
    },
    decoder: { out: { type: 'max-rate' } },
    channels: [
      { name: 'temperature', unit: '°C' },
      { name: 'humidity', unit: '%' },
    ],
    sample: { steps: 25, between: 'reset' },
    labels: ['ok', 'worn', 'broken'],
    provenance: { seed: 1, data: { name: 'none', rows: [1, 2, null, true] } },
    selfTests: [
      {
        steps: 3,
        input: {
          in: [
            [0, 1, 1],
            [2, 0, 1],
          ],
        },
        output: { out: [] },
      },
    ],
  },
  {
    nodes: {
      in: { type: 'Input', shape: [1, 4, 4] },
      conv: {
        type: 'Conv2d',
        weight: [
          [
            [
              [1, 2],
              [3, 4],
            ],
          ],
        ],
        bias: [0],
        stride: [1, 1],
        padding: 'valid',
      },
      pool: { type: 'AvgPool2d', kernel_size: 3, stride: 1 },
      cell: {
        type: 'NIRGraph',
        nodes: {
          input: { type: 'Input', shape: [1, 1, 1] },
          if: { type: 'IF', r: 1, v_threshold: 1 },
          output: { type: 'Output' },
        },
        edges: [
          ['input', 'if'],
          ['if', 'output'],
          ['if', 'if', { delay: 2 }],
        ],
      },
      flat: { type: 'Flatten' },
      learned: { type: 'Linear', weight: [[0.5]] },
      read: { type: 'LI', tau: 0.02 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'conv'],
      ['conv', 'pool'],
      ['pool', 'cell'],
      ['cell.output', 'flat'],
      ['flat', 'learned'],
      ['learned', 'read'],
      ['read', 'out'],
    ],
    learning: { learned: [{ rule: 'pes', learningRate: 0.001, bounds: [-1, 1], storage: 'float32' }] },
    monitor: { type: 'next-reading', warmUp: 300, quantile: 0.99, sensitivity: 6, holdOff: 60 },
  },
  {
    nodes: {
      in: { type: 'Input', shape: [3] },
      fc: {
        type: 'Linear',
        weight: [
          [1, -127, 3],
          [0, 5, 127],
        ],
      },
      lif: { type: 'LIF', tau: 0.02, v_threshold: 1 },
      out: { type: 'Output', shape: [2] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'lif'],
      ['lif', 'out'],
    ],
    quantization: {
      bits: 8,
      inputs: { in: { scale: 1, maximum: 1 } },
      connections: { fc: { shift: 1 } },
      neurons: {
        lif: {
          membraneBits: 32,
          scale: [0.01, 0.02],
          fraction: 8,
          decay: [31130, 31130],
          bias: [0, 3],
          initial: [0, 0],
          threshold: [25600, 12800],
          reset: [0, 0],
        },
      },
    },
  },
  {
    nodes: {
      in: { type: 'Input', shape: [1] },
      fc: { type: 'Linear', weight: [[127], [-3]] },
      alif: { type: 'ALIF', tau: 0.02, v_threshold: 1, theta_plus: 0.2, tau_theta: 0.5 },
      out: { type: 'Output', shape: [2] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'alif'],
      ['alif', 'out'],
    ],
    quantization: {
      bits: 8,
      inputs: { in: { scale: 1, maximum: 1 } },
      connections: { fc: { shift: 0 } },
      neurons: {
        alif: {
          membraneBits: 16,
          scale: [0.01, 0.02],
          fraction: 4,
          decay: [31130, 31130],
          bias: [0, 3],
          initial: [0, 0],
          threshold: [1600, 800],
          reset: [0, 0],
          adaptation: { fraction: 15, decay: [32702, 32702], rise: [10485760, 5242880], initial: [0, 0] },
        },
      },
    },
  },
];

/** Every kind of neuron with what it must be told. */
const neurons = {
  ConductanceLIF: { tau: 0.02, tau_e: 0.005, tau_i: 0.01, e_e: 5, e_i: -1, v_threshold: 1 },
  AdEx: { tau: 0.01, delta_t: 0.2, v_threshold: 1, v_peak: 3, tau_w: 0.05 },
  CubaLIF: { tau_syn: 0.004, tau_mem: 0.01, v_threshold: 1, v_min: -1 },
  LoihiLIF: { decay_u: 1024, decay_v: 128, v_threshold: 64 },
  CubaLI: { tau_syn: 0.004, tau_mem: 0.01 },
  Threshold: { threshold: 0.5 },
  LIF: { tau: 0.01, v_threshold: 1, tau_ref: 0.003 },
  ALIF: { tau: 0.01, v_threshold: 1, theta_plus: 0.3, tau_theta: 0.04, beta: 0.2 },
  SRM0: { kernel: 'double-exponential', tau: 0.01, tau_rise: 0.004, v_threshold: 1, eta: -2 },
  Lowpass: { tau: 0.01 },
  I: {},
  Izhikevich: { a: 0.02, b: 0.2, c: -65, d: 8, semantics: { integrate: 'euler' } },
  HodgkinHuxley: { semantics: { integrate: 'rk4' } },
  FitzHughNagumo: { semantics: { integrate: 'rk4' } },
};
const PORTS = { ConductanceLIF: ['excitatory', 'inhibitory'] };

const everyNeuron = {
  nodes: Object.fromEntries([
    ['in', { type: 'Input', shape: [2] }],
    ...Object.entries(neurons).map(([type, parameters]) => [type, { type, ...parameters }]),
    ['out', { type: 'Output' }],
  ]),
  edges: [
    ...Object.keys(neurons).flatMap((type) => (PORTS[type] ?? [undefined]).map((port) => ['in', type, { port }])),
    ...Object.keys(neurons).map((type) => [type, 'out']),
  ].map(([from, to, options = {}]) => [from, to, ...(options.port === undefined ? [] : [options])]),
  semantics: { dt: 0.00005 },
};

/** Connections of every structure, with delays, behind features and an encoder. */
const structures = {
  nodes: {
    in: { type: 'Input', shape: [4] },
    late: { type: 'Delay', delay: [0, 0.001, 0.003, 0] },
    factor: { type: 'Scale', scale: [1, 0.5, 2, -1] },
    some: {
      type: 'Sparse',
      weight: [0.5, 0.25, 0.5, 0.25, 0.125],
      target: [0, 2, 1, 2, 0],
      offset: [0, 2, 3, 4, 5],
      outputs: 3,
    },
    cells: { type: 'ALIF', ...neurons.ALIF },
    others: { type: 'AllButOne', weight: -0.25 },
    read: { type: 'Affine', weight: [[0.25, 0.5, 0.125]], bias: [0.1] },
    level: { type: 'CubaLI', ...neurons.CubaLI },
    out: { type: 'Output', shape: [1] },
  },
  edges: [
    ['in', 'late'],
    ['late', 'factor'],
    ['factor', 'some'],
    ['some', 'cells'],
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
  features: { in: [{ type: 'window', length: 4, hop: 2 }, [{ type: 'mean' }, { type: 'rms' }]] },
  encoder: { in: { type: 'direct', range: 'auto', warmUp: 3 } },
  decoder: { out: { type: 'linear' } },
  channels: [
    { name: 'x', unit: 'm/s²' },
    { name: 'y', unit: 'm/s²' },
  ],
  sample: { steps: 6, between: 'continue' },
};

/** A small classifier; every rule and every code takes its place in it. */
const classifier = (rule, encoder, decoder) => ({
  nodes: {
    in: { type: 'Input', shape: [4] },
    learned: {
      type: 'Linear',
      weight: [
        [0.5, 0.25, 0.125, 1],
        [0.25, 0.5, 0.5, -1],
      ],
    },
    cells: { type: 'LIF', tau: 0.02, r: 4, v_threshold: 1, v_reset: 0 },
    out: { type: 'Output', shape: [2] },
  },
  edges: [
    ['in', 'learned'],
    ['learned', 'cells'],
    ['cells', 'out'],
  ],
  learning: { learned: rule },
  encoder: { in: encoder },
  decoder: { out: decoder },
  sample: { steps: 8, between: 'reset' },
  labels: ['ok', 'worn'],
});

const pairs = { aPlus: 0.01, aMinus: 0.012, tauPlus: 0.02, tauMinus: 0.02 };
const RULES = [
  { rule: 'eprop', learningRate: 0.01, feedback: { random: 2 } },
  { rule: 'ottt', learningRate: 0.01, feedback: { random: 2, seed: 2 }, bounds: [-1, 1], softness: 0.1 },
  { rule: 'stdp', ...pairs, pairing: 'nearest', homeostasis: { rate: 10, tau: 1, strength: 0.1, every: 5 } },
  { rule: 'rstdp', ...pairs, order: 'pre-first' },
  { rule: 'resume' },
  { rule: 'bcm' },
  { rule: 'triplet', storage: 'int16' },
  { rule: 'spike-order', within: 0.01, winners: { most: 2, every: 9 } },
  { rule: 'power-law', eta: 0.01, bounds: [0, 1] },
  { rule: 'exponential', etaPost: 0.01 },
  { rule: 'pre-depression', etaPre: 0.01 },
];
const ENCODERS = [
  { type: 'poisson', maxRate: 200, range: [0, 1] },
  { type: 'population', fields: 4, range: [-1, 1] },
  { type: 'latency', range: [0, 1] },
  { type: 'delta', threshold: 0.1, range: [0, 1] },
  { type: 'burst', range: [0, 1] },
  { type: 'phase', range: [0, 1] },
  { type: 'rank-order', range: [0, 1] },
  { type: 'bernoulli', range: [0, 1] },
  { type: 'uniform', maxRate: 300, range: [0, 1] },
  { type: 'direct', range: 'auto', warmUp: 2 },
];
const DECODERS = [
  { type: 'max-rate' },
  { type: 'count' },
  { type: 'earliest-spike' },
  { type: 'rank' },
  { type: 'linear' },
  { type: 'softmax-drawn' },
  { type: 'membrane-softmax' },
  { type: 'earliest-spike' },
];

/** What a text is as a model, where it is one. */
function readable(text) {
  try {
    return parseModel(text);
  } catch {
    return undefined;
  }
}

const asText = (model) => JSON.parse(formatModel(model).json);
const small = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 6 });

/** Real models that between them have every part of the format: the seeds that the fuzzer damages. */
export const texts = [
  ...written,
  everyNeuron,
  structures,
  ...RULES.map((rule, k) => classifier(rule, ENCODERS[k], DECODERS[k % DECODERS.length])),
  asText(small),
  asText(quantize(small, { bits: 8, headroom: 8 })),
];

/** Those that are refused, for a test of the seeds: a seed that is no model reaches little. */
export const refusedSeeds = texts.filter((text) => readable(text) === undefined);

/** The models as files. The first two keep their numbers as float32, as trainers write them. */
export function files() {
  return written.map((text, index) => {
    const model = parseModel(text);
    return writeModel(index < 2 ? { ...model, graph: withFloat32(model.graph) } : model);
  });
}

function withFloat32(graph) {
  const nodes = [...graph.nodes].map(([name, node]) => {
    const parameters = Object.entries(node.parameters).map(([key, value]) => [
      key,
      key === 'weight' ? tensor(Float32Array.from(value.data), value.shape) : value,
    ]);
    return [name, { ...node, parameters: Object.fromEntries(parameters) }];
  });
  return { ...graph, nodes: new Map(nodes) };
}
