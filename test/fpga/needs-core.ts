import type { TestContext } from 'vitest';
import { coreSimulator } from '../../devices/rtl/build/simulator.mjs';
import { needs } from '../services.ts';

let program: string | undefined;

/** The simulated core, built once; or the end of the calling test as in `needs`. */
export function needsCore(context: TestContext): string {
  for (const service of ['verilator', 'g++'] as const) needs(context, service);
  program ??= coreSimulator();
  return program;
}
