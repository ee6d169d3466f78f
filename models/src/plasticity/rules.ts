import { pes } from './pes.ts';
import type { PlasticityKind } from './rule.ts';

/** Every learning rule. A new one is a file of its own and a line here. */
export const plasticityKinds: readonly PlasticityKind[] = [pes];
