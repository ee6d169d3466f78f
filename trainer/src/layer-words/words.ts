import { convolution, sameConvolution } from './convolution.ts';
import { delay } from './delay.ts';
import { dense } from './dense.ts';
import { join } from './join.ts';
import { globalPooling, maxPooling, pooling, spikingPooling } from './pooling.ts';
import { recurrent } from './recurrent.ts';
import { residual } from './residual.ts';
import { transposedConvolution } from './transposed-convolution.ts';
import { upsampling } from './upsampling.ts';
import type { LayerWord } from './word.ts';

/** Every kind of layer. A new one is a file of its own and a line here. */
export const layerWords: readonly LayerWord[] = [
  dense,
  convolution,
  sameConvolution,
  pooling,
  spikingPooling,
  maxPooling,
  globalPooling,
  upsampling,
  transposedConvolution,
  join,
  recurrent,
  residual,
  delay,
];
