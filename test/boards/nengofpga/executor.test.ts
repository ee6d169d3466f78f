import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { RandomGenerator } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { describeExecutor, floatChain, INPUTS, OUTPUTS } from '../../conformance/executor-suite.ts';
import { fakeSshRig } from './rig.mjs';

const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'nengofpga')!;
const [profile] = await driver.profiles!();
const NEURONS = 16;

const random = new RandomGenerator(3, 'ensemble');
const drawn = (rows: number, columns: number, size: number) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => size * random.nextNormal()));

const net = floatChain(
  {
    in: { type: 'Input', shape: [INPUTS] },
    encode: { type: 'Affine', weight: drawn(NEURONS, INPUTS, 0.2), bias: drawn(1, NEURONS, 0.2)[0] },
    neurons: { type: 'ReLU' },
    decode: { type: 'Linear', weight: drawn(OUTPUTS, NEURONS, 0.5) },
    answer: { type: 'Lowpass', tau: 0.01 },
    out: { type: 'Output', shape: [OUTPUTS] },
  },
  'answer',
  { decode: { rule: 'pes', learningRate: 0.002, tauPre: 0 } },
);

describeExecutor({
  name: 'NengoFPGA',
  engine: engineNamed('reference'),
  abilities: profile!.abilities,
  net,
  leavesOut: ['keeps its nets apart', 'goes on bit for bit from a saved state in another net'],
  async open() {
    const rig = await fakeSshRig({ loss: 0.02, seed: 4 });
    const source = await driver.open(rig.file);
    return {
      ...source,
      async close() {
        await source.close();
        await rig.close();
      },
    };
  },
});
