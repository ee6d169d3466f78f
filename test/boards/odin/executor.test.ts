import { afterAll, beforeAll } from 'vitest';
import { odin, tinyOdin } from '../../../devices/src/accelerators/odin/chips.ts';
import { abilitiesOf, odinDriver, tinyOdinDriver } from '../../../devices/src/accelerators/odin/odin.ts';
import { describeExecutor } from '../../conformance/executor-suite.ts';
import { softwareEngine } from './software-engine.ts';
import { Twin } from './twin.ts';

// The answers are those of the chip in software, to the bit; how far these are from the model's, net.test.ts asks.
for (const [chip, driver] of [
  [odin, odinDriver],
  [tinyOdin, tinyOdinDriver],
] as const) {
  let twin: Twin;
  beforeAll(async () => {
    twin = await Twin.start({ tiny: chip === tinyOdin, seed: 3 });
  });
  afterAll(() => twin.stop());
  describeExecutor({
    name: chip.title,
    engine: softwareEngine(chip),
    abilities: abilitiesOf(chip),
    tolerance: 0,
    leavesOut: [
      'holds its weights through a window that asks for it, and learns again in the next',
      'keeps its nets apart',
      'goes on bit for bit from a saved state in another net',
      'forgets what it has learned',
      'learns again after a window that held its weights and failed',
    ],
    open: () => driver.open(twin.address),
  });
}
