import { multiply } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { channelSums } from './sums.ts';
import { applyOne, expectShape, type Value } from './value.ts';

interface ChannelForm {
  readonly onnx: string;
  readonly evaluate: (x: number, ofChannel: number) => number;
  /** Of x and, before it is summed up per channel, of the other operand. */
  readonly gradient: (x: Value, ofChannels: Value, g: Value) => readonly [Value, Value];
}

/** [rows, channels, …] with one number for each channel. */
function perChannel(name: string, { onnx: operator, evaluate, gradient }: ChannelForm): Operation<undefined> {
  return {
    name,
    shapes([x, ofChannels]) {
      expectShape(name, 'second operand', ofChannels!, [x![1]!]);
      return [x!];
    },
    gradient({ inputs: [x, ofChannels] }, [g], [, wantsSecond]) {
      const [first, second] = gradient(x!, ofChannels!, g!);
      return [first, wantsSecond ? channelSums(second) : undefined];
    },
    lower(onnx, [x, ofChannels], { inputs: [input] }) {
      const pixels = input!.shape.slice(2).map(() => 1);
      const column =
        pixels.length === 0 ? ofChannels! : onnx.emit('Reshape', [ofChannels!, onnx.integers([-1, ...pixels])]);
      return [onnx.emit(operator, [x!, column])];
    },
    evaluate([x, ofChannels], { inputs: [input] }) {
      const { shape } = input!;
      const pixels = x!.length / (shape[0]! * shape[1]!);
      return [x!.map((value, i) => evaluate(value, ofChannels![Math.floor(i / pixels) % ofChannels!.length]!))];
    },
  };
}

const scaling = perChannel('scale channels', {
  onnx: 'Mul',
  evaluate: (x, factor) => x * factor,
  gradient: (x, factors, g) => [scaleChannels(g, factors), multiply(g, x)],
});
const shifting = perChannel('shift channels', {
  onnx: 'Add',
  evaluate: (x, summand) => x + summand,
  gradient: (_x, _summands, g) => [g, g],
});

/** x·factor of its channel: x [rows, channels, …], factors [channels]. */
export function scaleChannels(x: Value, factors: Value): Value {
  return applyOne(scaling, [x, factors], undefined);
}

/** x + summand of its channel: x [rows, channels, …], summands [channels]. */
export function shiftChannels(x: Value, summands: Value): Value {
  return applyOne(shifting, [x, summands], undefined);
}
