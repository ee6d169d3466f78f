import { parseModel, tensor, writeModel } from '@spikewire/models';

/** Real models, each with other parts of the format: the seeds that the fuzzer damages. */
export const texts = [
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

/** The models as files. The first two keep their numbers as float32, as trainers write them. */
export function files() {
  return texts.map((text, index) => {
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
