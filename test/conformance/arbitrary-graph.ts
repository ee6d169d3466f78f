import { parseModel, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { listed, type RandomNet } from './arbitrary-model.ts';
import type { Cell } from './cells.ts';

const stageOf = (cells: number) =>
  fc.record({
    cell: fc.nat({ max: cells - 1 }),
    connection: fc.constantFrom('Linear', 'Affine', 'Sparse', 'AllButOne', 'Scale', 'Delay', 'Concat'),
    delay: fc.nat({ max: 3 }),
    /** An edge back to an earlier population, or to itself, with this delay; 0 is none. */
    back: fc.constantFrom(0, 1, 3),
    backTo: fc.nat({ max: 2 }),
  });

type Stage = ReturnType<typeof stageOf> extends fc.Arbitrary<infer Value> ? Value : never;

const window = fc.record({
  axes: fc.constantFrom(0, 1, 2),
  pool: fc.constantFrom('Sum', 'Avg', 'Max'),
  weights: fc.constantFrom('Conv', 'ConvTranspose', 'Linear'),
  /** The mean of all in the place of each. */
  levelled: fc.constantFrom(false, false, true),
});

type Window = typeof window extends fc.Arbitrary<infer Value> ? Value : never;

const SIZE = 6;

/**
 * Random graphs of one to three populations of any of `cells`, which share a step: every connection kind between them,
 * poolings, delays, and edges back to any of them.
 */
export function arbitraryGraph(cells: readonly Cell[]): fc.Arbitrary<RandomNet> {
  return fc
    .record({
      seed: fc.nat(),
      density: fc.constantFrom(0.05, 0.15),
      window,
      stages: fc.array(stageOf(cells.length), { minLength: 1, maxLength: 3 }),
    })
    .map(({ seed, ...plan }) => build(cells, plan, new RandomGenerator(seed, 'random graph')));
}

function build(
  cells: readonly Cell[],
  { window, stages, density }: { window: Window; stages: readonly Stage[]; density: number },
  random: RandomGenerator,
): RandomNet {
  const nodes: Record<string, unknown> = {
    in: { type: 'Input', shape: [[SIZE], [1, SIZE], [1, 2, SIZE / 2]][window.axes] },
  };
  const edges: unknown[] = [];
  let front = 'in';
  stages.forEach((stage, index) => {
    const { node, weight, bias = 0 } = cells[stage.cell]!;
    const signed = (mean: number) =>
      // Conductances are not negative.
      weight * (node.type === 'ConductanceLIF' ? random.nextUniform() : random.nextNormal() + mean);
    const path = forwardPath(stage, signed, bias, cells[0]!.dt);
    if (index === 0 && window.axes > 0) path.unshift(...frontPath(window, (mean) => mean + random.nextNormal() / 2));
    path.forEach((each, k) => {
      nodes[`${index}.${k}`] = each;
      edges.push([front, `${index}.${k}`, k === 0 ? { delay: stage.delay } : {}]);
      if (each === partOfTwo) {
        nodes[`${index}.later`] = { ...partOfTwo, start: SIZE };
        edges.push([front, `${index}.later`, { delay: stage.delay + 1 }], [`${index}.later`, `${index}.${k + 1}`]);
      }
      front = `${index}.${k}`;
    });
    nodes[`cell${index}`] = node;
    edges.push([front, `cell${index}`, portOf(node, 'excitatory')]);
    front = `cell${index}`;
  });
  stages.forEach(({ back, backTo }, index) => {
    const target = Math.min(backTo, index);
    const { node, weight } = cells[stages[target]!.cell]!;
    if (back === 0) return;
    const rate = node.type === 'ConductanceLIF' ? 1 : -0.5;
    const matrix = Array.from({ length: SIZE }, () =>
      Array.from({ length: SIZE }, () => (rate * weight * random.nextUniform()) / SIZE),
    );
    nodes[`back${index}`] = { type: 'Linear', weight: matrix };
    edges.push([`cell${index}`, `back${index}`, { delay: back }]);
    edges.push([`back${index}`, `cell${target}`, portOf(node, 'inhibitory')]);
  });
  nodes.spikes = { type: 'Output', shape: [SIZE] };
  edges.push([front, 'spikes']);
  const steps = 150;
  const events = Array.from({ length: steps * SIZE }, (_, k) => [Math.floor(k / SIZE), k % SIZE]);
  return {
    model: parseModel({ nodes, edges, semantics: { dt: cells[0]!.dt } }),
    steps,
    stimulus: { in: events.filter(() => random.nextUniform() < density) },
    teach: new Map(),
  };
}

/** What arrives, in front of itself some steps later. */
const partOfTwo = { type: 'Concat', channels: 2 * SIZE };

/** Nodes that lead from SIZE elements to SIZE sums; windows only where the elements are still an image. */
function forwardPath({ connection }: Stage, signed: (mean: number) => number, bias: number, dt: number): unknown[] {
  const constant = new Array<number>(SIZE).fill(bias);
  const matrix = Array.from({ length: SIZE }, () => Array.from({ length: SIZE }, () => signed(0.5) / Math.sqrt(SIZE)));
  const row = matrix.map((values) => Math.sqrt(SIZE) * values[0]!);
  const delay = row.map((_, k) => (k % 3) * dt);
  if (connection === 'Delay')
    return [
      { type: 'Delay', delay },
      { type: 'Linear', weight: matrix },
    ];
  if (connection === 'Concat')
    return [partOfTwo, { type: 'Linear', weight: matrix.map((values) => [...values, ...values.toReversed()]) }];
  if (connection === 'Linear') return [{ type: 'Linear', weight: matrix }];
  if (connection === 'Affine') return [{ type: 'Affine', weight: matrix, bias: constant }];
  if (connection === 'Sparse') return [listed(matrix, (output, input) => (output + 2 * input) % 3 > 0)];
  if (connection === 'AllButOne') return [{ type: 'AllButOne', weight: row }];
  return [{ type: 'Scale', scale: row }];
}

/** A convolution, or a matrix for each row, and poolings in front, over one or two axes, which keep the shape. */
function frontPath({ axes, pool: of, levelled, weights }: Window, signed: (mean: number) => number): unknown[] {
  const kernel = axes === 1 ? [3] : [3, 3];
  const [padding, stride] = [kernel.map(() => 1), kernel.map(() => 1)];
  const taps = () => Array.from({ length: 3 }, () => signed(0.5) / 3);
  const weight = axes === 1 ? [[taps()]] : [[[taps(), taps(), taps()]]];
  const pool = { type: `${of}Pool${axes}d`, kernel_size: kernel, stride, padding };
  const scale_factor = axes === 1 ? [SIZE] : [2, SIZE / 2];
  const level = [{ type: `GlobalAvgPool${axes}d` }, { type: `Upsample${axes}d`, scale_factor }];
  const matrix = (size: number) =>
    Array.from({ length: size }, () => Array.from({ length: size }, () => signed(0.5) / 3));
  const rows = { type: 'Linear', weight: axes === 1 ? [matrix(SIZE)] : [[matrix(SIZE / 2), matrix(SIZE / 2)]] };
  const weighted = weights === 'Linear' ? rows : { type: `${weights}${axes}d`, weight, padding, stride };
  return [pool, ...(levelled ? level : []), weighted, { type: 'Flatten', start_dim: 0, end_dim: -1 }];
}

function portOf({ type }: Cell['node'], port: string): object {
  return type === 'ConductanceLIF' ? { port } : {};
}
