import {
  type Edge,
  elementCount,
  type GraphNode,
  kindOf,
  numbersOf,
  type ParameterValue,
  type Shape,
  SpikewireError,
  sameShape,
  scalar,
  type Tensor,
  tensor,
} from '@spikewire/models';
import { evenPadding } from './sliding-window.ts';
import { combined, type Signal, type Spread, sampleSize, spreadAt } from './value.ts';

/** Longest name of a node in a model, less what is added to make it the only one. */
const LONGEST_NAME = 240;

/** The most elements for which a shift without weights is written as a matrix. */
const LARGEST_DIAGONAL = 1024;

/** Numbers in a row, as a parameter of a node. */
export const list = (numbers: ArrayLike<number>): Tensor => tensor(Float64Array.from(numbers));

/** Writes the nodes of a model one by one. */
export class NetWriter {
  readonly nodes = new Map<string, GraphNode>();
  readonly edges: Edge[] = [];
  /** What the file says and the model does not, or the other way round. */
  readonly notes = new Set<string>();
  /** The largest number that the file lets in, where it says so. */
  largestInput: number | undefined;
  /** Numbers that may still be made of the file's. */
  #room: number;

  /** @param room numbers that are made in all, beyond those of the file */
  constructor(room: number) {
    this.#room = room;
  }

  /** Takes room for numbers that are about to be made; a small file may claim large arrays. */
  take(count: number): void {
    this.#room -= count;
    if (this.#room >= 0) return;
    throw new SpikewireError(
      'budget',
      'model',
      'makes far more numbers than the file or the memory has',
      'an ordinary net',
    );
  }

  /** Adds the Input, and what it gives. */
  input(name: string, shape: Shape): Signal {
    const physical = shape.slice(1);
    const own = this.#newName(name);
    this.nodes.set(own, { type: 'Input', parameters: { shape: list(physical) } });
    return { sources: [own], physical, shape, isOwn: true, isPositive: false };
  }

  /** Adds a node behind a signal that was settled, and gives what it gives, in the shape that ONNX has for it. */
  add(
    name: string,
    type: string,
    parameters: Readonly<Record<string, ParameterValue>>,
    from: Signal,
    shapeOf: (physical: Shape) => Shape = (physical) => [from.shape[0]!, ...physical],
  ): Signal {
    const own = this.#newName(name);
    const node = { type, parameters };
    const kind = kindOf(type, own);
    const physical = kind.role === 'connection' ? kind.outputShape(node, from.physical) : from.physical;
    this.nodes.set(own, node);
    for (const source of from.sources) this.edges.push({ source, target: own, delay: 0 });
    return { sources: [own], physical, shape: shapeOf(physical), isOwn: true, isPositive: false };
  }

  /** Adds a rectifier, or gives a signal as it is that has no need of one. */
  rectify(name: string, from: Signal, ceiling = Number.POSITIVE_INFINITY): Signal {
    const settled = this.settle(name, from);
    const [source, ...others] = settled.sources;
    const node = this.nodes.get(source!)!;
    const isUnit = settled.isOwn && others.length === 0 && node.type === 'ReLU';
    if (settled.isPositive && ceiling === Number.POSITIVE_INFINITY) return settled;
    if (settled.isPositive && isUnit) {
      const lowest = Math.min(ceiling, numbersOf(node, 'ceiling')?.data[0] ?? ceiling);
      this.nodes.set(source!, { type: 'ReLU', parameters: { ceiling: scalar(lowest) } });
      return settled;
    }
    const parameters = ceiling < Number.POSITIVE_INFINITY ? { ceiling: scalar(ceiling) } : {};
    const { shape, order } = settled;
    return { ...this.add(name, 'ReLU', parameters, settled, () => shape), ...(order && { order }), isPositive: true };
  }

  /** scale·x + shift: within the weights in front where nobody else hears them, or as something to be done. */
  affine(signal: Signal, scale: Spread, shift: Spread): Signal {
    const size = sampleSize(signal);
    const rest = { ...signal, isPositive: false };
    const noneWaits = signal.scale === undefined && signal.shift === undefined;
    if (noneWaits && signal.isOwn && signal.sources.every((name) => this.#canFold(name, [scale, shift]))) {
      for (const [index, name] of signal.sources.entries()) {
        this.#fold(name, scale, index === 0 ? shift : Float64Array.of(0));
      }
      return rest;
    }
    const scaled = signal.shift && combined(signal.shift, scale, size, (a, b) => a * b);
    return {
      ...rest,
      scale: signal.scale === undefined ? scale : combined(signal.scale, scale, size, (a, b) => a * b),
      shift: scaled === undefined ? shift : combined(scaled, shift, size, (a, b) => a + b),
    };
  }

  /** A signal whose elements stand in a row. */
  inRow(name: string, signal: Signal): Signal {
    if (signal.physical.length === 1) return signal;
    const { sources, physical } = this.add(`${name}.flat`, 'Flatten', {}, signal);
    return { ...signal, sources, physical, isOwn: true };
  }

  /** A signal in order of which the zeros around it have become a node: each channel by itself, as a convolution. */
  padded(name: string, signal: Signal): Signal {
    const { padding, ...rest } = this.settle(name, signal);
    if (padding === undefined) return rest;
    const [channels, ...pixels] = rest.physical;
    const [before, behind] = [padding.before.slice(2), padding.behind.slice(2)];
    const one = pixels.map(() => 1);
    const weight = { data: new Float32Array(channels!).fill(1), shape: [channels!, 1, ...one] };
    const even = evenPadding(this, weight, { kernel: one, dilation: one, before, behind });
    const parameters = {
      weight: tensor(even.data, even.shape),
      padding: list(even.padding),
      groups: scalar(channels!),
    };
    const added = this.add(`${name}.padding`, `Conv${pixels.length}d`, parameters, rest);
    return { ...added, isPositive: rest.isPositive };
  }

  /** A signal with nothing left to be done but zeros around it: what waits becomes a node. */
  settle(name: string, signal: Signal): Signal {
    const { scale: factors, shift: summands, ...rest } = signal;
    const [scale, shift] = [factors ?? Float64Array.of(1), summands ?? Float64Array.of(0)];
    const isShifted = shift.some((value) => value !== 0);
    if (!isShifted && scale.every((value) => value === 1)) return rest;
    const added = isShifted ? this.#shifted(name, rest, scale, shift) : this.#scaled(name, rest, scale);
    const { shape, order, padding } = rest;
    return { ...added, shape, ...(order && { order }), ...(padding && { padding }) };
  }

  /** The shape of the Input is what the first node wants, where it is the only one that hears it. */
  declareInput(signal: Signal, physical: Shape): Signal | undefined {
    const [name, ...others] = signal.sources;
    if (others.length > 0 || !signal.isOwn || this.nodes.get(name!)!.type !== 'Input') return undefined;
    const { order, scale, shift, ...rest } = signal;
    if (order !== undefined) {
      this.notes.add(
        `input "${name}": a sample is [${physical.join(', ')}] for the model, and transposed so for the file`,
      );
    }
    this.nodes.set(name!, { type: 'Input', parameters: { shape: list(physical) } });
    const size = elementCount(physical);
    const moved = (spread: Spread | undefined) => {
      if (spread === undefined || spread.length === 1) return spread;
      this.take(size);
      return Float64Array.from({ length: size }, (_, k) => spreadAt(spread, order?.[k] ?? k, size));
    };
    const [movedScale, movedShift] = [moved(scale), moved(shift)];
    return { ...rest, physical, ...(movedScale && { scale: movedScale }), ...(movedShift && { shift: movedShift }) };
  }

  #newName(wanted: string): string {
    let name = wanted.slice(0, LONGEST_NAME) || 'node';
    for (let k = 2; this.nodes.has(name); k++) name = `${wanted.slice(0, LONGEST_NAME)}.${k}`;
    return name;
  }

  /** Outputs of a weighted node, each of which has its own factor and bias. */
  #outputsOf(name: string): number | undefined {
    const node = this.nodes.get(name)!;
    if (node.type === 'Scale') return undefined;
    return numbersOf(node, 'weight')?.shape[0];
  }

  #canFold(name: string, spreads: readonly Spread[]): boolean {
    const outputs = this.#outputsOf(name);
    return outputs !== undefined && spreads.every(({ length }) => length === 1 || length === outputs);
  }

  #fold(name: string, scale: Spread, shift: Spread): void {
    const { type, parameters } = this.nodes.get(name)!;
    const weight = parameters.weight as { data: Float32Array; shape: Shape };
    const outputs = weight.shape[0]!;
    this.take(weight.data.length);
    const bias = (parameters.bias as { data: Float64Array } | undefined)?.data;
    const summands = Float64Array.from(
      { length: outputs },
      (_, k) => (bias?.[k] ?? 0) * spreadAt(scale, k, outputs) + spreadAt(shift, k, outputs),
    );
    const size = weight.data.length;
    this.nodes.set(name, {
      type: type === 'Linear' ? 'Affine' : type,
      parameters: {
        ...parameters,
        weight: tensor(
          weight.data.map((value, k) => value * spreadAt(scale, Math.floor(k / (size / outputs)), outputs)),
          weight.shape,
        ),
        bias: tensor(summands),
      },
    });
  }

  #scaled(name: string, from: Signal, scale: Spread): Signal {
    const size = sampleSize(from);
    if (scale.length === 1) return this.add(`${name}.scale`, 'Scale', { scale: tensor(scale, []) }, from);
    this.take(size);
    const factors = Float64Array.from({ length: size }, (_, k) => spreadAt(scale, k, size));
    return this.add(`${name}.scale`, 'Scale', { scale: tensor(factors, from.physical) }, from);
  }

  /** Each channel by itself, as a convolution; elements without channels as a matrix. */
  #shifted(name: string, from: Signal, scale: Spread, shift: Spread): Signal {
    const [channels, ...pixels] = from.physical;
    const perChannel = (spread: Spread) =>
      Float64Array.from({ length: channels! }, (_, k) => spreadAt(spread, k, channels!));
    const isOfChannels = ({ length }: Spread) => length === 1 || length === channels;
    const own = `${name}.shift`;
    if (isOfChannels(shift) && (pixels.length === 1 || pixels.length === 2)) {
      if (!isOfChannels(scale)) {
        return this.#shifted(name, this.#scaled(name, from, scale), Float64Array.of(1), shift);
      }
      const weight = tensor(Float32Array.from(perChannel(scale)), [channels!, 1, ...pixels.map(() => 1)]);
      const groups = scalar(channels!);
      return this.add(
        own,
        pixels.length === 1 ? 'Conv1d' : 'Conv2d',
        { weight, bias: tensor(perChannel(shift)), groups },
        from,
      );
    }
    const size = sampleSize(from);
    if (from.shape.at(-1) !== size || size > LARGEST_DIAGONAL) {
      throw new SpikewireError(
        'unsupported',
        `in front of "${name}"`,
        'adds numbers, but has no weights next to it that could include them',
        'one number per channel, or weights before or behind it',
      );
    }
    this.take(size ** 2);
    const weight = new Float32Array(size ** 2);
    for (let k = 0; k < size; k++) weight[k * size + k] = spreadAt(scale, k, size);
    const bias = Float64Array.from({ length: size }, (_, k) => spreadAt(shift, k, size));
    const row = pixels.length === 0 ? from : this.add(`${own}.flat`, 'Flatten', {}, from);
    return this.add(own, 'Affine', { weight: tensor(weight, [size, size]), bias: tensor(bias) }, row);
  }
}

/** Whether elements of two values lie in the same places. */
export function sameOrder(a: Signal, b: Signal): boolean {
  if (!sameShape(a.physical, b.physical)) return false;
  if (a.order === undefined || b.order === undefined) return a.order === b.order;
  return a.order.every((place, k) => place === b.order![k]);
}
