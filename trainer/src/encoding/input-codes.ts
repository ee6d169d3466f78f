import { bernoulli } from './bernoulli.ts';
import { direct } from './direct.ts';
import type { InputCode } from './input-code.ts';

/** Every input code. A new one is a file of its own and a line here. */
export const inputCodes: readonly InputCode[] = [direct, bernoulli];
