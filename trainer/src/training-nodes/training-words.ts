import type { LayerWord } from '../layer-words/word.ts';
import { batchNorm } from './batch-norm.ts';
import { dropout } from './dropout.ts';

/** Every kind of node of training, by its word. A new one is a file of its own and a line here. */
export const trainingWords: readonly LayerWord[] = [batchNorm, dropout];
