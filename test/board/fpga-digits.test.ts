import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { writeModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { expect, it, vi } from 'vitest';
import { roomFor, windowOf } from '../conformance/play.ts';
import { digits, digitsModel, needsDigits } from '../fpga/digits.ts';
import { needsBoard } from './simulated-fpga.ts';

const DIGITS = 100;

it(`a board gives every spike and membrane of the integer engine for ${DIGITS} written digits`, {
  timeout: 300_000,
}, async (context) => {
  needsDigits(context);
  vi.stubEnv('SPIKEWIRE_FPGA_SIMULATOR', needsBoard(context, { line: 'bytes' }));
  context.onTestFinished(() => void vi.unstubAllEnvs());
  const source = await acceleratorDrivers.find(({ scheme }) => scheme === 'fpga')!.open('sim');
  context.onTestFinished(() => source.close());
  const model = digitsModel();
  const network = engineNamed('integer').load(model);
  const executor = await source.open(writeModel(model));
  const populations = network.graph.nodes.filter(({ kind }) => kind.role === 'neuron').map(({ name }) => name);
  const { steps } = model.sample;
  const { stimuli, labels } = await digits(model, DIGITS);
  let [right, spikes] = [0, 0];
  for (const [k, stimulus] of stimuli.entries()) {
    const input = windowOf(network, stimulus).toList();
    network.resetActivity();
    const [output, raster] = [roomFor(network, steps), roomFor(network, steps)];
    network.run(steps, EventBuffer.of(input), output, raster);
    const seen = await executor.run({ steps, input, membranes: populations, raster: true, fresh: true });
    expect({ output: seen.output, raster: seen.raster, membranes: seen.membranes }, `digit ${k}`).toEqual({
      output: output.toList(),
      raster: raster.toList(),
      membranes: Object.fromEntries(populations.map((name) => [name, network.readState(name, 'v')])),
    });
    spikes += raster.length;
    const scores = new Float64Array(model.labels.length);
    for (const [at, index] of seen.output.index.entries()) scores[index]! += seen.output.value[at]!;
    right += Number(scores.indexOf(Math.max(...scores)) === labels[k]);
  }
  await executor.close();
  expect(spikes).toBeGreaterThan(10 * DIGITS);
  // It names 97.75 % of all digits.
  expect(right).toBeGreaterThan(0.95 * DIGITS);
});
