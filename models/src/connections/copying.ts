import type { CopyingConnectivity } from './connectivity.ts';
import { listed } from './sparse.ts';

/** Copies of `inputs` elements: what output o is a copy of is `sourceOf(o)`, below 0 for nothing. */
export function connectCopies(
  inputs: number,
  outputs: number,
  sourceOf: (output: number) => number,
): CopyingConnectivity {
  const offsets = new Uint32Array(inputs + 1);
  for (let output = 0; output < outputs; output++) {
    const source = sourceOf(output);
    if (source >= 0) offsets[source + 1]!++;
  }
  for (let input = 0; input < inputs; input++) offsets[input + 1]! += offsets[input]!;
  const targets = new Uint32Array(offsets[inputs]!);
  const next = offsets.slice();
  for (let output = 0; output < outputs; output++) {
    const source = sourceOf(output);
    if (source >= 0) targets[next[source]!++] = output;
  }
  return {
    structure: 'copying',
    inputs,
    outputs,
    offsets,
    targets,
    weights: undefined,
    gain: 1,
    bias: undefined,
    groupOf: (output) => output,
    forEachSynapse: listed(offsets, targets),
  };
}
