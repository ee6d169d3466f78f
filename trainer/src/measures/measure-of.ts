import type { DataSet } from '@spikewire/engine/data';
import { areMasks, elementCount, type Model, resolveGraph, SpikewireError } from '@spikewire/models';
import { namesClass } from '../architecture/names-class.ts';
import { classes } from './classes.ts';
import { masks } from './masks.ts';
import type { Measure } from './measure.ts';
import { numbers } from './numbers.ts';

/** Every measure. */
export const measures: readonly Measure[] = [classes, masks, numbers];

/**
 * By what the answers of a net to samples are judged. Throws `unsupported` where it names classes and the samples have
 * numbers, or the other way round, and `input` where it gives more or fewer numbers than are wanted.
 */
export function measureOf(model: Model, { name, targets }: Pick<DataSet, 'name' | 'targets'>): Measure {
  const isClassifier = [...model.decoder.values()].every(namesClass);
  if (targets === undefined) {
    if (isClassifier) return classes;
    throw wrong('answers with numbers', `a net that names classes, which ${name} has`);
  }
  if (isClassifier) throw wrong('names classes', `a net that answers with numbers, which ${name} has`);
  const { nodes } = resolveGraph(model.graph, model.semantics);
  const outputs = elementCount(nodes.find(({ kind }) => kind.role === 'output')!.shape);
  const areAllMasks = areMasks(targets);
  const other = targets.find(({ length }) => length !== outputs);
  if (other === undefined) return areAllMasks ? masks : numbers;
  const what = areAllMasks ? `masks of ${other.length} pixels` : `answers of ${other.length} numbers`;
  throw new SpikewireError('input', name, `has ${what}`, `${outputs}, as the net gives`);
}

function wrong(problem: string, expected: string): SpikewireError {
  return new SpikewireError('unsupported', 'the model', problem, expected);
}
