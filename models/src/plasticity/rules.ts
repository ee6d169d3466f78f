import { bcm } from './bcm.ts';
import { eprop } from './eprop.ts';
import { exponential } from './exponential.ts';
import { ottt } from './ottt.ts';
import { pes } from './pes.ts';
import { powerLaw } from './power-law.ts';
import { preDepression } from './pre-depression.ts';
import { resume } from './resume.ts';
import { rls } from './rls.ts';
import { rewardModulated } from './rstdp.ts';
import type { PlasticityKind } from './rule.ts';
import { spikeOrder } from './spike-order.ts';
import { stdp } from './stdp.ts';
import { triplet } from './triplet.ts';

/** Every learning rule. A new one is a file of its own and a line here. */
export const plasticityKinds: readonly PlasticityKind[] = [
  stdp,
  powerLaw,
  exponential,
  preDepression,
  triplet,
  spikeOrder,
  rewardModulated,
  bcm,
  resume,
  pes,
  rls,
  ottt,
  eprop,
];
