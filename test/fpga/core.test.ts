import { formatModel } from '@spikewire/models';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { arbitraryIntegerNet } from './arbitrary-integer-net.ts';
import { compareCore } from './compare-core.ts';
import { needsCore } from './needs-core.ts';

/** Random nets; 2,000 by command, see devices/rtl/README.md. */
const RUNS = Number(process.env.SPIKEWIRE_FPGA_RUNS ?? 300);

describe('the core, simulated', () => {
  it(`equals the integer engine in ${RUNS} random nets`, { timeout: RUNS * 1000 }, (context) => {
    const program = needsCore(context);
    fc.assert(
      fc.property(arbitraryIntegerNet, ({ model, steps, stimulus }) => {
        const { difference } = compareCore(program, model, steps, stimulus);
        if (difference !== undefined) throw new Error(`${difference}\n${formatModel(model)}`);
      }),
      { numRuns: RUNS },
    );
  });
});
