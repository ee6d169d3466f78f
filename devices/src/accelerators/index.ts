import type { AcceleratorDriver } from 'spikewire/accelerators';
import { fpgaDriver } from './fpga/fpga.ts';
import { nengofpgaDriver } from './nengofpga/nengofpga.ts';
import { odinDriver, tinyOdinDriver } from './odin/odin.ts';
import { spinnakerDriver } from './spinnaker/spinnaker.ts';

export * from './fpga/core-description.ts';
export * from './fpga/core-image.ts';
export { copyProgram } from './fpga/instructions.ts';
export { type CoreLearning, type TableRow, tableRow } from './fpga/learned-block.ts';

/**
 * Every kind of board that runs nets in the place of this machine's engines. A new one is a file of its own, which
 * opens an `ExecutorSource`, and a line here.
 */
export const acceleratorDrivers: readonly AcceleratorDriver[] = [
  fpgaDriver,
  nengofpgaDriver,
  spinnakerDriver,
  odinDriver,
  tinyOdinDriver,
];
