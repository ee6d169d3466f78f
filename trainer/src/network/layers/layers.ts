import type { LayerKind } from '../layer.ts';
import { convolution } from './convolution.ts';
import { dense } from './dense.ts';
import { pooling } from './pooling.ts';

/** Every kind of layer. A new one is a file of its own and a line here. */
export const layerKinds: readonly LayerKind[] = [dense, convolution, pooling];
