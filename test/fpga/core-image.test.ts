import { coreImage, coreMisfits, rooms } from '@spikewire/devices/accelerators';
import { type Model, parseModel, quantize } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { mnistShaped } from './shaped-nets.ts';

const room = rooms.simulated;

/** An integer model of Input → Linear → the node → Output, with more nodes and edges. */
function net(node: Record<string, unknown>, { size = 2, delay = 0, learning = {}, before = {} } = {}): Model {
  const inside = Object.keys(before);
  const weight = Array.from({ length: size }, () => [1, 2, -1, 3]);
  return quantize(
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [1, 2, 2] },
        ...before,
        flat: { type: 'Flatten' },
        fc: { type: 'Linear', weight },
        n: node,
        out: { type: 'Output', shape: [size] },
      },
      edges: [...chain('in', ...inside, 'flat'), ['flat', 'fc', { delay }], ...chain('fc', 'n', 'out')],
      learning,
    }),
    { bits: 8 },
  );
}

const PES = { rule: 'pes', learningRate: 1e-3 };
const POOL = { pool: { type: 'SumPool2d', kernel_size: [1, 1], stride: [1, 1] } };
const LIF = { type: 'LIF', tau: 0.01, v_threshold: 1 };

describe('what the core has not is refused', () => {
  it.each<[string, Model, string, RegExp]>([
    [
      'a threshold that adapts',
      net({ type: 'ALIF', tau: 0.01, v_threshold: 1, theta_plus: 1, tau_theta: 0.1 }),
      'n',
      /adaptive threshold/,
    ],
    ['a late Input', net(LIF, { delay: 1 }), 'fc', /emitted 1 steps before; the core delays no Input/],
    ['a long delay', net(LIF, { delay: 3 }), 'fc', /emitted 3 steps before; the core delays by at most 1 step/],
    ['a long rest', net({ ...LIF, tau_ref: 70 }), 'n', /rests for 70000 steps; the core counts at most 65535/],
    ...(
      [
        [
          'an error of another rule',
          { rule: 'rls', ridge: 1 },
          /learns by rls; the core learns by one rule, stdp or pes$/,
        ],
        [
          'learning in real numbers',
          { ...PES, storage: 'float32' },
          /by pes in real numbers; the core learns only in integers/,
        ],
        [
          'learned weights of 8 bits',
          { ...PES, storage: 'int8' },
          /keeps learned weights as int8; the core keeps them as int16$/,
        ],
        ['normalisation', { ...PES, normalize: { sum: 1 } }, /learns with normalize; the core has none$/],
        ['learning behind a pooling', PES, /learns from numbers, or from more than one Input or population; the/, POOL],
      ] as const
    ).map(([what, fc, problem, before = {}]): [string, Model, string, RegExp] => [
      ...([what, net({ type: 'LI', tau: 0.01 }, { learning: { fc }, before }), 'fc', problem] as const),
    ]),
  ])('%s', (_, model, name, problem) => {
    expect(coreMisfits(model, { room }).ofNodes.get(name)).toMatch(problem);
    expect(() => coreImage(model, { room })).toThrow(problem);
  });

  it('also learning on a board without it', () => {
    const model = net({ type: 'LI', tau: 0.01 }, { learning: { fc: PES } });
    const { ofNodes } = coreMisfits(model, { room: rooms.up5k });
    expect(ofNodes.get('fc')).toBe('learns by pes; the core of this board has no learning');
    expect(coreMisfits(model, { room: rooms.ecp5 }).ofNodes).toEqual(new Map());
  });

  it('with the number that is missing where the room is too small', () => {
    const { problems } = coreMisfits(mnistShaped(1), {
      room: { memory: 25_000, activity: 40, program: 32, pairs: 31, learning: true },
    });
    expect(problems).toEqual([
      expect.stringMatching(/^needs 25\d{3} words of memory, \d+ more than the 25000 of the board$/),
      expect.stringMatching(/words of activity memory, \d+ more than the 40/),
      'needs 40 words of program memory, 8 more than the 32 of the board',
      'needs 32 pairs of neurons, 1 more than the 31 of the board',
    ]);
  });
});

describe('an image', () => {
  it('lies where it is asked to, and fits the board', () => {
    const at = { memory: 30_000, activity: 100, program: 80 };
    const image = coreImage(mnistShaped(1), { room, at });
    expect(image.memory.at).toBe(30_000);
    expect(image.emissions.get('pixels')).toEqual({ at: 100, words: 49, elements: 784, form: 'bits' });
    expect(image.input).toEqual({ at: 100, length: 49 });
    expect(image.activity).toEqual({ at: 100, length: 49 + 4 + 5 });
    expect(image.memory.words.length).toBeLessThan(26_000);
  });
});
