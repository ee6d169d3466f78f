import { elementCount } from '@spikewire/models';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { RunningNetwork } from 'spikewire';
import type { Events, Stimulus } from './play.ts';

interface Value {
  readonly name: string;
  readonly node: string;
  readonly shape: readonly number[];
}

/** What a file says of itself, as docs/guide/onnx.md describes it. */
export interface About {
  readonly steps: number | null;
  readonly inputs: readonly Value[];
  readonly outputs: readonly (Value & { readonly what: 'output' | 'spikes' })[];
  readonly states: readonly (Value & {
    readonly next: string;
    readonly variable: string;
    readonly type: 'float32' | 'int32' | 'int64';
    readonly initial: number | readonly unknown[];
  })[];
}

/** The metadata of an ONNX file: field 14 of the message, a key and a text (onnx.proto). */
export function aboutOf(bytes: Uint8Array): About {
  for (const { field, value } of fieldsOf(bytes)) {
    if (field !== 14) continue;
    const [key, text] = [...fieldsOf(value)].map((entry) => new TextDecoder().decode(entry.value));
    if (key === 'spikewire') return JSON.parse(text!) as About;
  }
  throw new Error('no metadata');
}

/** The fields of a protocol buffer that have a length; numbers are passed over. */
function* fieldsOf(bytes: Uint8Array) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const length = varint();
    if ((tag & 7) !== 2) continue;
    yield { field: tag >> 3, value: bytes.subarray(at, at + length) };
    at += length;
  }
}

type Feeds = Record<string, Tensor>;

/** A written net in ONNX Runtime, for `batch` samples that all get the same. */
export class OnnxNet {
  readonly about: About;
  readonly #session: InferenceSession;
  readonly #batch: number;
  #states: Feeds;

  private constructor(session: InferenceSession, about: About, batch: number) {
    this.#session = session;
    this.about = about;
    this.#batch = batch;
    this.#states = Object.fromEntries(about.states.map((state) => [state.name, startOf(state, batch)]));
  }

  static async open(bytes: Uint8Array, batch = 1): Promise<OnnxNet> {
    const options = { intraOpNumThreads: 1, logSeverityLevel: 3 } as const;
    return new OnnxNet(await InferenceSession.create(bytes, options), aboutOf(bytes), batch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }

  /** One call, with the states of the last one. Outputs and spikes by the name of their node. */
  async run(stimulus: Stimulus, from: number): Promise<ReadonlyMap<string, Float32Array>> {
    const steps = this.about.steps ?? 1;
    const feeds: Feeds = { ...this.#states };
    for (const { name, node, shape } of this.about.inputs) {
      const size = elementCount(shape);
      const values = new Float32Array(steps * this.#batch * size);
      for (const [step, index, value = 1] of stimulus[node] ?? []) {
        if (step! < from || step! >= from + steps) continue;
        for (let b = 0; b < this.#batch; b++) values[((step! - from) * this.#batch + b) * size + index!]! += value;
      }
      const whole = [this.#batch, ...shape];
      feeds[name] = new Tensor('float32', values, this.about.steps === null ? whole : [steps, ...whole]);
    }
    const found = await this.#session.run(feeds);
    this.#states = Object.fromEntries(this.about.states.map(({ name, next }) => [name, found[next] as Tensor]));
    return new Map(this.about.outputs.map(({ name, node }) => [node, found[name]!.data as Float32Array]));
  }

  /** Puts numbers in the place of a state variable, for all samples. */
  place(node: string, variable: string, values: ArrayLike<number>): void {
    const state = this.about.states.find((each) => each.node === node && each.variable === variable)!;
    this.#states[state.name] = startOf({ ...state, initial: Array.from(values) }, this.#batch);
  }

  /** A state variable of a node after the last call, of the last sample; undefined where the file has none. */
  state(node: string, variable: string): readonly number[] | undefined {
    const state = this.about.states.find((each) => each.node === node && each.variable === variable);
    if (state === undefined) return undefined;
    const values = Array.from(this.#states[state.name]!.data as Float32Array, Number);
    return values.slice((this.#batch - 1) * elementCount(state.shape));
  }
}

function startOf({ shape, type, initial }: About['states'][number], batch: number): Tensor {
  const one = [initial].flat(Number.POSITIVE_INFINITY) as number[];
  const values = Array.from({ length: batch * elementCount(shape) }, (_, k) => one[k % one.length]!);
  const whole = [batch, ...shape];
  if (type === 'int64') return new Tensor('int64', BigInt64Array.from(values, BigInt), whole);
  return type === 'int32'
    ? new Tensor('int32', Int32Array.from(values), whole)
    : new Tensor('float32', Float32Array.from(values), whole);
}

/** What populations and Outputs emit, step by step, as `play` says it; `look` sees the net after each call. */
export async function playOnnx(
  net: OnnxNet,
  { graph }: RunningNetwork,
  steps: number,
  stimulus: Stimulus,
  look: (step: number) => void = () => {},
): Promise<Record<string, Events>> {
  const events: Record<string, Events> = Object.fromEntries(graph.nodes.map(({ name }) => [name, []]));
  const each = net.about.steps ?? 1;
  for (let from = 0; from < steps; from += each) {
    for (const [node, values] of await net.run(stimulus, from)) {
      const size = elementCount(graph.nodes.find(({ name }) => name === node)!.shape);
      const rows = values.length / each;
      for (let step = 0; step < each && from + step < steps; step++) {
        for (let index = 0; index < size; index++) {
          const value = values[(step + 1) * rows - size + index]!;
          if (value !== 0) events[node]!.push([from + step, index, value]);
        }
      }
    }
    look(from + each - 1);
  }
  return events;
}
