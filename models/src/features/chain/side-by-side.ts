import { SpikewireError } from '../../error.ts';
import { prefixed } from '../../kept-numbers.ts';
import type { EmitFrame, Feature, FeatureSite } from '../feature.ts';

/**
 * Features side by side: each gets the same frames, and what they give is one frame, in their order. So each must
 * answer every frame at once; what waits or thins out (`window`, `range`, `block`) stands before them or behind them.
 *
 * @param where for messages, such as `features.in[1]`
 */
export function sideBySide(where: string, { width, memory }: FeatureSite, features: readonly Feature[]): Feature {
  const waiting = features.findIndex(({ frames, takes }) => frames !== 'each' || takes !== width);
  if (waiting >= 0) {
    throw new SpikewireError(
      'parameter',
      `${where}[${waiting}]`,
      'does not answer each frame at once',
      'a place of its own in the chain',
    );
  }
  const outputs = features.reduce((sum, feature) => sum + feature.outputs, 0);
  memory.take(where, outputs);
  const joined = new Float64Array(outputs);
  let offset = 0;
  const collect: EmitFrame[] = features.map((feature) => {
    const start = offset;
    offset += feature.outputs;
    return (_channel, frame) => joined.set(frame, start);
  });
  return {
    takes: width,
    outputs,
    frames: 'each',
    work: features.reduce((sum, feature) => sum + feature.work, 0),
    follows(output) {
      let first = 0;
      for (const feature of features) {
        if (output < first + feature.outputs) return feature.follows?.(output - first) ?? false;
        first += feature.outputs;
      }
      return false;
    },
    state: Object.assign({}, ...features.map(({ state }, k) => prefixed(String(k), state))),
    push(channel, frame, emit) {
      for (let k = 0; k < features.length; k++) features[k]!.push(channel, frame, collect[k]!);
      emit(channel, joined);
    },
  };
}
