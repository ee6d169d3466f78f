import type { ConversionMethod } from './method.ts';
import { cao } from './methods/cao.ts';
import { deng } from './methods/deng.ts';
import { diehl } from './methods/diehl.ts';
import { patel } from './methods/patel.ts';
import { rmp } from './methods/rmp.ts';
import { rueckauer } from './methods/rueckauer.ts';
import { spikeNorm } from './methods/spike-norm.ts';

/** Every method of conversion. A new one is a file of its own and a line here. */
export const conversionMethods: readonly ConversionMethod[] = [rueckauer, deng, rmp, diehl, cao, spikeNorm, patel];
