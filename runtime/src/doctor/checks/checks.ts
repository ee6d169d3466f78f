import { accelerators } from './accelerators.ts';
import { broker } from './broker.ts';
import type { Check } from './check.ts';
import { clock } from './clock.ts';
import { engines } from './engines.ts';
import { memory } from './memory.ts';
import { model } from './model.ts';
import { node } from './node.ts';
import { packages } from './packages.ts';
import { sensors } from './sensors.ts';
import { simd } from './simd.ts';
import { store } from './store.ts';

/** Every check, in the order in which they are told. A new one is a file of its own and a line here. */
export const checks: readonly Check[] = [
  node,
  simd,
  engines,
  model,
  memory,
  clock,
  broker,
  store,
  sensors,
  accelerators,
  packages,
];
