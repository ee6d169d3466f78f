import type { Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, expectShape, type Value } from './value.ts';

/** For each output `each` inputs that it is the sum of, −1 for nothing. */
interface Sources {
  readonly inputs: number;
  readonly each: number;
  /** [outputs][each]. */
  readonly sources: Int32Array;
}

/** [rows, inputs] → [rows, outputs]: sums of listed inputs. Its gradient is the same the other way round. */
const gathering: Operation<Sources> = {
  name: 'gather elements',
  sparse: 'kept',
  shapes([x], { inputs, each, sources }) {
    expectShape('gather elements', 'input', x!, [x![0]!, inputs]);
    return [[x![0]!, sources.length / each]];
  },
  gradient: ({ attributes }, [g]) => [applyOne(gathering, [g!], turnedRound(attributes))],
  lower(onnx, [x], { inputs: [input], attributes: { inputs, each, sources } }) {
    const { shape } = input!;
    const isWhole = sources.every((source) => source >= 0);
    // A column of zeros stands for nothing.
    const padded = isWhole ? x! : onnx.emit('Pad', [x!, onnx.integers([0, 0, 0, 1])]);
    const columns = onnx.integers(Array.from(sources, (source) => (source < 0 ? inputs : source)));
    const gathered = onnx.emit('Gather', [padded, columns], { axis: 1 });
    if (each === 1) return [gathered];
    const apart = onnx.emit('Reshape', [gathered, onnx.integers([shape[0]!, sources.length / each, each])]);
    return [onnx.emit('ReduceSum', [apart, onnx.integers([2])], { keepdims: 0 })];
  },
  evaluate([x], { attributes: { inputs, each, sources } }) {
    const [rows, outputs] = [x!.length / inputs, sources.length / each];
    const sums = new Float64Array(rows * outputs);
    for (let row = 0; row < rows; row++) {
      for (const [k, source] of sources.entries()) {
        if (source >= 0) sums[row * outputs + Math.floor(k / each)]! += x![row * inputs + source]!;
      }
    }
    return [sums];
  },
};

/** The outputs that each input went to. */
function turnedRound({ inputs, each, sources }: Sources): Sources {
  const counts = new Int32Array(inputs);
  for (const source of sources) if (source >= 0) counts[source]!++;
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const outputs = new Int32Array(inputs * most).fill(-1);
  counts.fill(0);
  for (const [k, source] of sources.entries()) {
    if (source >= 0) outputs[source * most + counts[source]!++] = Math.floor(k / each);
  }
  return { inputs: sources.length / each, each: most, sources: outputs };
}

/** Columns of x [rows, inputs] by their indices, −1 for zeros: [rows, sources]. */
export function gatherColumns(x: Value, sources: Int32Array): Value {
  const [, inputs] = x.shape as Shape as readonly [number, number];
  return applyOne(gathering, [x], { inputs, each: 1, sources });
}
