import type { LayerWord } from '../word.ts';
import { convolution } from './convolution.ts';
import { delay } from './delay.ts';
import { dense } from './dense.ts';
import { maxPooling, pooling, spikingPooling } from './pooling.ts';
import { recurrent } from './recurrent.ts';
import { residual } from './residual.ts';

/** Every kind of layer. A new one is a file of its own and a line here. */
export const layerWords: readonly LayerWord[] = [
  dense,
  convolution,
  pooling,
  spikingPooling,
  maxPooling,
  recurrent,
  residual,
  delay,
];
