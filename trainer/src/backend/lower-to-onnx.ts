import { OnnxModelBuilder } from '@spikewire/exchange/onnx';
import type { Value } from '../graph/operations/value.ts';
import type { Program } from '../graph/program.ts';

/** A program as the bytes of one ONNX model, with the program's names for its inputs and outputs. */
export function lowerToOnnx(program: Program): Uint8Array {
  const onnx = new OnnxModelBuilder();
  const names = new Map<Value, string>();
  for (const [name, value] of program.inputs) {
    onnx.input(name, value.shape);
    names.set(value, name);
  }
  for (const application of program.applications) {
    const inputs = application.inputs.map((input) => names.get(input)!);
    const results = application.operation.lower(onnx, inputs, application);
    for (const [index, result] of application.results.entries()) names.set(result, results[index]!);
  }
  for (const [name, value] of program.outputs) onnx.output(name, names.get(value)!, value.shape);
  return onnx.finish();
}
