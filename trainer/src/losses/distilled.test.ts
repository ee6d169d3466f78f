import { engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { type Model, RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { samplesFor, twoLayers } from '../conversion/nets.test-data.ts';
import { gradientsOf } from '../graph/gradients.ts';
import { interpret } from '../graph/interpret.ts';
import { filled } from '../graph/operations/elementwise.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { Signal } from '../lowering/signal.ts';
import { distilled } from './distilled.ts';
import { losses } from './losses.ts';

const BATCH = 2;
const random = new RandomGenerator(5, 'distilled');
const student = Float64Array.from({ length: BATCH * 3 }, () => 2 * random.nextNormal());
const targets = [0, 1, 0, 1, 0, 0];

/** What the analogue net answers on the reference engine, and the input as it enters. */
async function answers(count: number) {
  const inputs: number[] = [];
  const logits: number[] = [];
  for (const window of windowsOf(twoLayers, { samples: samplesFor(twoLayers, count) })) {
    const network = engineNamed('reference').load(twoLayers);
    const values = new Array<number>(3).fill(0);
    for (let k = 0; k < window.input.length; k++) values[window.input.index[k]!] = window.input.value[k]!;
    inputs.push(...values);
    const layer = (x: readonly number[], name: string) => {
      const { weight, bias } = network.graph.nodes.find((node) => node.name === name)!.node
        .parameters as never as Record<string, { data: Float64Array }>;
      return Array.from(bias!.data, (b, i) =>
        x.reduce((sum, value, j) => sum + weight!.data[i * x.length + j]! * value, b),
      );
    };
    const rectified = (x: readonly number[]) => x.map((value) => Math.max(0, value));
    logits.push(...layer(rectified(layer(rectified(layer(values, 'a')), 'b')), 'c'));
  }
  return { inputs, logits };
}

const softmax = (z: readonly number[]) => {
  const powers = z.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

it('adds λ·τ²·Σ p·log(p/q) of teacher and student to the loss, and is learned through the student alone', async () => {
  const { inputs, logits } = await answers(BATCH);
  const [temperature, weight, lambda] = [3, 0.4, 0.7];
  const loss = distilled(prepared('loss', losses, 'membrane'), {
    ...{ weight, temperature, teachers: [{ model: twoLayers, weight: lambda }] },
  });
  const [z, y, x] = [given('z', [BATCH, 3]), given('targets', [BATCH, 3]), given('input/in', [BATCH, 3])];
  const found = loss.of(Signal.ofParts([z]), y, new Map([['in', x]]));
  const numbers = new Map<string, ArrayLike<number>>([
    ['z', student],
    ['targets', targets],
    ['input/in', inputs],
  ]);
  const values = interpret(programOf({ ...found }), numbers).get('losses')!;
  const total = sumTo(found.losses, []);
  const [gradient] = gradientsOf(total, filled([], 1), [z]);
  const slopes = interpret(programOf({ gradient: gradient! }), numbers).get('gradient')!;
  for (let row = 0; row < BATCH; row++) {
    const [own, theirs] = [Array.from(student), logits].map((all) => all.slice(3 * row, 3 * row + 3)) as [
      number[],
      number[],
    ];
    const label = targets.slice(3 * row, 3 * row + 3).indexOf(1);
    const [q, p] = [own, theirs].map((each) => softmax(each.map((value) => value / temperature))) as [
      number[],
      number[],
    ];
    const divergence = p.reduce((sum, share, k) => sum + share * Math.log(share / q[k]!), 0);
    const expected = -weight * Math.log(softmax(own)[label]!) + lambda * temperature ** 2 * divergence;
    expect(values[row]).toBeCloseTo(expected, 9);
    for (let k = 0; k < 3; k++) {
      const slope = weight * (softmax(own)[k]! - Number(k === label)) + lambda * temperature * (q[k]! - p[k]!);
      expect(slopes[3 * row + k]).toBeCloseTo(slope, 9);
    }
  }
});

it('is only the loss itself for a student that answers as its teacher', async () => {
  const { inputs, logits } = await answers(BATCH);
  const base = prepared('loss', losses, 'membrane');
  const loss = distilled(base, { weight: 1, temperature: 2, teachers: [{ model: twoLayers, weight: 5 }] });
  const z = Signal.ofParts([given('z', [BATCH, 3])]);
  const [y, x] = [given('targets', [BATCH, 3]), new Map([['in', given('input/in', [BATCH, 3])]])];
  const numbers = new Map<string, ArrayLike<number>>([
    ['z', logits],
    ['targets', targets],
    ['input/in', inputs],
  ]);
  const [with_, without] = [loss, base].map(
    ({ of }) => interpret(programOf({ losses: of(z, y, x).losses }), numbers).get('losses')!,
  );
  for (let row = 0; row < BATCH; row++) expect(with_![row]).toBeCloseTo(without![row]!, 9);
});

it('refuses a student whose input changes from step to step', () => {
  const loss = distilled(prepared('loss', losses, 'membrane'), {
    ...{ weight: 1, temperature: 2, teachers: [{ model: twoLayers, weight: 1 }] },
  });
  const inputs = new Map([['in', given('input/in', [4 * BATCH, 3])]]);
  expect(() => loss.of(Signal.ofParts([given('z', [BATCH, 3])]), given('targets', [BATCH, 3]), inputs)).toThrow(
    /^input "in": changes from step to step; expected direct, for a teacher$/,
  );
});

it('gives a teacher what its student is given, whatever the name of its Input, and refuses one of another size', () => {
  const { nodes, edges } = twoLayers.graph;
  const renamed = (name: string) => (name === 'in' ? 'x' : name);
  const graph = {
    nodes: new Map([...nodes].map(([name, node]) => [renamed(name), node])),
    edges: edges.map((edge) => ({ ...edge, source: renamed(edge.source) })),
  };
  const lossOf = (model: Model, numbers: number) => {
    const teachers = [{ model, weight: 1 }];
    const loss = distilled(prepared('loss', losses, 'membrane'), { weight: 1, temperature: 2, teachers });
    const [z, y] = [Signal.ofParts([given('z', [BATCH, 3])]), given('targets', [BATCH, 3])];
    const { losses: found } = loss.of(z, y, new Map([['in', given('input/in', [BATCH, numbers])]]));
    const values = new Map<string, ArrayLike<number>>([
      ['z', student],
      ['targets', targets],
      ['input/in', student],
    ]);
    return interpret(programOf({ losses: found }), values).get('losses');
  };
  expect(lossOf({ ...twoLayers, graph }, 3)).toEqual(lossOf(twoLayers, 3));
  expect(() => lossOf({ ...twoLayers, graph }, 4)).toThrow(
    /^input "x" of a teacher: takes 3 numbers; expected 4, as its student$/,
  );
});

it('refuses a teacher of other classes than those of the data', () => {
  const teachers = [{ model: twoLayers, weight: 1 }];
  const loss = distilled(prepared('loss', losses, 'membrane'), { weight: 1, temperature: 2, teachers });
  const [z, y] = [Signal.ofParts([given('z', [BATCH, 4])]), given('targets', [BATCH, 4])];
  expect(() => loss.of(z, y, new Map([['in', given('input/in', [BATCH, 3])]]))).toThrow(
    /^output "out" of a teacher: gives 3 answers; expected 4, one for each class of the data$/,
  );
});
