import type { DataSource, LabelledSamples } from '@spikewire/engine/data';
import { RandomGenerator, SpikewireError } from '@spikewire/models';

interface FunctionOfPoints {
  readonly dimensions: number;
  of(x: ArrayLike<number>): readonly number[];
}

/** Functions of points with coordinates on [−1, 1]. */
const functions: Readonly<Record<string, FunctionOfPoints>> = {
  identity: { dimensions: 1, of: (x) => [x[0]!] },
  square: { dimensions: 1, of: (x) => [x[0]! ** 2] },
  sine: { dimensions: 1, of: (x) => [Math.sin(Math.PI * x[0]!)] },
  product: { dimensions: 2, of: (x) => [x[0]! * x[1]!] },
};

const [TRAINING, TEST] = [1000, 200];

/** A function to be learned: random points, and its numbers there. */
export const functionData: DataSource = {
  name: 'function',
  summary: `function:NAME, random points x and f(x) (numbers, no classes); NAME: ${Object.keys(functions).join(', ')}`,
  async load(name = '') {
    if (!Object.hasOwn(functions, name)) {
      const expected = Object.keys(functions).join(', ');
      throw new SpikewireError('usage', `--data function:${name}`, 'is not a known function', expected);
    }
    const random = new RandomGenerator(1, 'points');
    const chosen = functions[name]!;
    const training = pointsOf(chosen, TRAINING, random);
    return { name: `function:${name}`, classes: [], ...pointsOf(chosen, TEST, random), training };
  },
};

function pointsOf({ dimensions, of }: FunctionOfPoints, count: number, random: RandomGenerator): LabelledSamples {
  const samples = Array.from({ length: count }, () =>
    Float64Array.from({ length: dimensions }, () => 2 * random.nextUniform() - 1),
  );
  return { samples, labels: new Int32Array(count), targets: samples.map(of) };
}
