import { formatShape, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { DataSet } from './data-set.ts';

/** Samples, and what is known of the set that they are of. */
export type Samples = Pick<DataSet, 'samples'> & Partial<Pick<DataSet, 'name' | 'shape'>>;

/** Throws `input` where a sample has not as many numbers as a net takes at a time; names what both look like. */
export function checkSamples(
  { name = 'data', samples, shape }: Samples,
  numbers: number,
  { nodes }: ResolvedGraph,
): void {
  const other = samples.find(({ length }) => length !== numbers);
  if (other === undefined) return;
  const found =
    shape === undefined ? `${other.length} numbers` : `${other.length} numbers, shape ${formatShape(shape)}`;
  const inputs = nodes.filter(({ kind }) => kind.role === 'input');
  const named = inputs.map((input) => `Input "${input.name}" of shape ${formatShape(input.shape)}`).join(' and ');
  const taken = inputs.reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0);
  const use = taken === numbers ? 'as the model takes for' : 'of which the features of the model make the numbers for';
  const expected = `${numbers}, ${use} ${named}`;
  throw new SpikewireError('input', name, `has samples of ${found}`, expected);
}
