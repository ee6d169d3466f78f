import type { ConversionMethod } from '../method.ts';
import { cao } from './cao.ts';
import { deng } from './deng.ts';
import { diehl } from './diehl.ts';
import { patel } from './patel.ts';
import { rmp } from './rmp.ts';
import { rueckauer } from './rueckauer.ts';
import { spikeNorm } from './spike-norm.ts';

/** Every method of conversion. A new one is a file of its own and a line here. */
export const conversionMethods: readonly ConversionMethod[] = [rueckauer, deng, rmp, diehl, cao, spikeNorm, patel];
