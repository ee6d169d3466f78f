import { readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../../backend/interpreter.ts';
import { clouds } from '../../data/clouds.test-data.ts';
import { methods } from '../../methods/methods.ts';
import { withTestPart } from '../../samples/test-part.ts';
import { bestOf } from '../history.ts';

const data = withTestPart(clouds(60));

async function opened(name: string, given: object, site: object = {}) {
  const method = methods.find((each) => each.name === name)!;
  const parameters = readParameters(name, { arch: '3-6-3', batch: 10, ...given }, method.parameters);
  return method.start({ data, seed: 2, backend: interpreter, ...site }, parameters);
}

it.each([
  ['diet', { arch: '3-3' }, /^the model to convert: has no ReLU; /],
  ['rathi', { arch: '3-3' }, /^the model to convert: has no ReLU; /],
  ['rnl', { arch: '3-3' }, /^the model to convert: has no ReLU; /],
  ['softlif', { arch: '3-3' }, /^the model to convert: has no ReLU; /],
  ['kd', { arch: '3-3', teacher: '3-6-3' }, /^the model to convert: has no ReLU; /],
  ['kd', { arch: '4-6-3', teacher: '3-6-3' }, /^architecture 4-6-3: does not begin with the inputs of the data; /],
  ['kd', { arch: '3-6-4', teacher: '3-6-3' }, /^architecture 3-6-4: does not end with the classes of the data; /],
])('%s: %j is refused before anything is trained', async (name, given, message) => {
  await expect(opened(name, given)).rejects.toThrow(message);
});

it('a spiking net is refused as a teacher', async () => {
  const run = await opened('stbp', { steps: 2, epochs: 1 });
  while (bestOf(run.history) === undefined) await run.step();
  const model = run.model(run.save());
  await run.close();
  await expect(opened('kd', {}, { model })).rejects.toThrow(
    /^node "layer1.neurons" \(LIF\): spikes; expected an analogue net, for a teacher$/,
  );
});
