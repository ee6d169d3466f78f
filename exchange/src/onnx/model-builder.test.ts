import { expect, it } from 'vitest';
import { OnnxModelBuilder } from './model-builder.ts';
import { readModelFile } from './model-file.ts';
import { INT8, INT32, UINT8 } from './tensor.ts';

it.each([
  ['weights', Int8Array.of(-128, 0, 127, 5), [2, 2], INT8],
  ['a zero point', Uint8Array.of(200), [], UINT8],
  ['biases, a part of a larger array', Int32Array.of(7, -70_000, 70_000, 9).subarray(1, 3), [2], INT32],
])('stores whole numbers as they are: %s', (_, values, shape, type) => {
  const onnx = new OnnxModelBuilder();
  onnx.output('y', onnx.whole(values, shape), shape);
  const [stored] = [...readModelFile(onnx.finish()).initializers.values()];
  expect(stored).toEqual({ shape, type, data: Float64Array.from(values) });
});
