import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseModel, quantize, writeModel } from '@spikewire/models';
import { expect, it, vi } from 'vitest';
import { chain } from '../chain.ts';
import { TestFlow } from '../e2e/node-red-helper.ts';
import { needsBoard } from './simulated-fpga.ts';

it('a device of Node-RED is an FPGA board: it is tried on demand, and runs the net of a node', async (context) => {
  vi.stubEnv('SPIKEWIRE_FPGA_SIMULATOR', needsBoard(context, { line: 'bytes' }));
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-fpga-flow-'));
  context.onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      fc: { type: 'Linear', weight: [[1], [2]] },
      cells: { type: 'LIF', tau: 0.01, r: 2, v_threshold: 1 },
      out: { type: 'Output', shape: [2] },
    },
    edges: chain('in', 'fc', 'cells', 'out'),
    semantics: { dt: 0.001 },
    sample: { steps: 20, between: 'continue' },
    encoder: { in: { type: 'direct', range: [0, 1] } },
    decoder: { out: { type: 'count' } },
  });
  await writeFile(join(folder, 'cells.spike'), writeModel(quantize(model, { bits: 8 })));
  const device = { id: 'box', type: 'spikewire-device', address: 'fpga:sim' };
  const net = { id: 'net', type: 'spikewire-net', model: join(folder, 'cells.spike'), modelType: 'file', place: 'box' };
  const flow = await TestFlow.start(folder, [device, net, { id: 'infer', type: 'spikewire-infer', net: 'net' }]);
  context.onTestFinished(() => flow.stop());
  expect(await flow.post('/spikewire/device-test', { address: 'fpga:sim' })).toMatchObject({
    status: 200,
    body: { name: 'fpga sim', milliseconds: expect.any(Number) },
  });
  const wrong = await flow.post('/spikewire/device-test', { address: 'fpga:nothing' });
  expect([wrong.status, wrong.body.error]).toEqual([
    409,
    expect.stringMatching(/^fpga:nothing: is not a board address; expected /),
  ]);
  flow.send({ payload: 0.7 });
  await expect.poll(() => flow.results.splice(0).length).toBe(1);
  expect((await flow.ask({ command: 'status' })).spikewire!.executor).toBe('fpga sim');
});
