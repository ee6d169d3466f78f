import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseModel } from '@spikewire/models';
import { afterAll, beforeAll, expect } from 'vitest';
import { openSpinnakerBoard } from '../../../devices/src/accelerators/spinnaker/spinnaker-board.ts';
import { chain } from '../../chain.ts';
import { describeExecutor, INPUTS, type SuiteNet } from '../../conformance/executor-suite.ts';
import { delayedEngine } from './delayed-engine.ts';
import { LockStepClock } from './lock-step.ts';
import { startTwin, type Twin } from './twin-process.ts';

const NEURONS = 12;
const LATE = 2;
/** The net of the twin: neuron i has the spikes of input i mod 4, and spikes for (i mod 3) + 1 of them. */
const nodes = {
  in: { type: 'Input', shape: [INPUTS] },
  fan: {
    type: 'Linear',
    weight: Array.from({ length: NEURONS }, (_, i) => Array.from({ length: INPUTS }, (_, k) => +(i % INPUTS === k))),
  },
  cells: { type: 'IF', r: 250, v_threshold: Array.from({ length: NEURONS }, (_, i) => (i % 3) + 1) },
  out: { type: 'Output', shape: [NEURONS] },
};
const model = parseModel({
  nodes,
  edges: chain(...Object.keys(nodes)),
  semantics: { dt: 0.004, reset: 'subtract', threshold: 'ge' },
  sample: { steps: 30, between: 'continue' },
});
const net: SuiteNet = { nodes, model, learns: false };

const NETWORK = [
  'label,x,y,core,tag,atom,key',
  ...Array.from({ length: INPUTS }, (_, k) => `in,0,0,3,,${k},${458_752 + k}`),
  ...Array.from({ length: NEURONS }, (_, k) => `out,,,,1,${k},${65_536 + k}`),
].join('\n');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-spinnaker-'));
  writeFileSync(join(folder, 'network.csv'), NETWORK);
});
afterAll(() => rmSync(folder, { recursive: true }));

// The clocks of board and driver move together, so that each spike has its step: packets of a step come before or after
// the driver's next step begins, and then one step later.
for (const isAhead of [false, true]) {
  let twin: Twin;
  beforeAll(async () => {
    twin = await startTwin({ manual: true, inputs: INPUTS, neurons: NEURONS });
  });
  afterAll(() => twin.close());
  describeExecutor({
    name: `SpiNNaker with steps of 4 ms, ${isAhead ? 'behind' : 'in step with'} the clock here`,
    engine: delayedEngine(LATE + Number(isAhead)),
    tolerance: 0,
    net,
    abilities: {
      nets: 1,
      weightBits: [32, 8, 4],
      rules: [],
      states: 'learned',
      late: LATE,
      tolerance: { membrane: 1, spikes: 1 },
      runs: 'windows',
    },
    leavesOut: [
      'holds its weights through a window that asks for it, and learns again in the next',
      'keeps its nets apart',
      'goes on bit for bit from a saved state in another net',
      'forgets what it has learned',
      'learns again after a window that held its weights and failed',
    ],
    async open() {
      const clock = new LockStepClock(twin, isAhead);
      const address = `127.0.0.1:${twin.port}?network=${join(folder, 'network.csv')}&step=0.004&late=${LATE}`;
      const clockOf = (milliseconds: number) => {
        expect(milliseconds).toBe(4);
        return clock;
      };
      const source = await openSpinnakerBoard(address, { clockOf });
      return {
        ...source,
        open(bytes, options) {
          // The tool chain starts its net anew.
          twin.restart();
          return source.open(bytes, options);
        },
      };
    },
  });
}
