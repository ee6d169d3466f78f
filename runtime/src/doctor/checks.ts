import type { Check } from './check.ts';
import { accelerators } from './checks/accelerators.ts';
import { broker } from './checks/broker.ts';
import { clock } from './checks/clock.ts';
import { engines } from './checks/engines.ts';
import { memory } from './checks/memory.ts';
import { model } from './checks/model.ts';
import { node } from './checks/node.ts';
import { packages } from './checks/packages.ts';
import { sensors } from './checks/sensors.ts';
import { simd } from './checks/simd.ts';
import { store } from './checks/store.ts';

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
