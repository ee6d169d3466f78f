import type { LearningDeclaration } from '@spikewire/models';
import { IntegerWeights, type IntegerWeightsOptions } from './integer-weights.ts';
import { RoundedWeights } from './rounded-weights.ts';
import type { LearnedWeights } from './weights.ts';

/**
 * The learned weights of a connection in an integer model, kept as the first of its rules with a `storage` says; by
 * default int16.
 */
export function storedWeights(
  declarations: readonly LearningDeclaration[],
  options: Omit<IntegerWeightsOptions, 'storage' | 'arithmetic'>,
): LearnedWeights {
  const storage = declarations.find((declaration) => declaration.storage !== undefined)?.storage ?? 'int16';
  if (storage === 'float32') return new RoundedWeights(options);
  const arithmetic = declarations.find((declaration) => declaration.arithmetic !== undefined)?.arithmetic;
  return new IntegerWeights({ ...options, storage, ...(arithmetic && { arithmetic }) });
}
