import { readFileSync } from 'node:fs';
import { engineNamed } from '@spikewire/engine';
import type { DataSet } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { formats } from '@spikewire/exchange/formats';
import { elementCount, type Model, numbersOf, RandomGenerator, readWith } from '@spikewire/models';
import { evaluate } from 'spikewire/data';
import { expect, it } from 'vitest';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { convert } from './convert.ts';
import { rueckauer } from './methods/rueckauer.ts';
import { conversionSite } from './site.ts';

const onnx = formats.find(({ name }) => name === 'onnx')!;

function read(name: string): Model {
  const bytes = readFileSync(new URL(`../../../test/golden/data/onnx/${name}.onnx`, import.meta.url));
  return readWith(onnx, new Uint8Array(bytes)).model;
}

/** Samples of no meaning, whose class is what the analogue net names. */
async function named(model: Model, classes: number): Promise<DataSet> {
  const input = [...model.graph.nodes.values()].find(({ type }) => type === 'Input')!;
  const size = elementCount(Array.from(numbersOf(input, 'shape')!.data));
  const random = new RandomGenerator(3, 'samples');
  const samples = Array.from({ length: 24 }, () =>
    Float64Array.from({ length: size }, () => 2 * random.nextUniform() - 1),
  );
  const labels = new Int32Array(samples.length);
  const set = { name: 'named', classes: Array.from({ length: classes }, (_, k) => String(k)), samples, labels };
  await evaluate(model, new InProcessExecutor(engineNamed('reference'), model), set, {
    onAnswer(index, answer) {
      labels[index] = answer;
    },
  });
  return { ...set, training: { samples, labels } };
}

it.each([
  ['residual-opset11', 5],
  ['keras-nhwc-opset15', 3],
  ['qdq-static-opset21', 3],
])('a net that was read from an ONNX file is converted: %s', async (name, classes) => {
  const model = read(name);
  const data = await named(model, classes);
  const steps = 64;
  const site = await conversionSite(model, { data, steps, backend: onnxRuntime(1) });
  const parameters = { percentile: 100, reset: 'subtract' };
  const found = await convert(site, { method: rueckauer, parameters, data, sweep: [] });
  expect(found.analogue.worth).toBe(1);
  expect(found.layers.length).toBeGreaterThan(0);
  for (const { layer, correlation, scale } of found.layers) {
    expect(correlation).toBeGreaterThan(0.98);
    const ceiling = numbersOf(model.graph.nodes.get(layer)!, 'ceiling')?.data[0];
    if (ceiling !== undefined) expect(scale).toBeLessThanOrEqual(Math.fround(ceiling));
  }
});
