import { type Firing, linearDynamics, type NeuronQuantization, type ResolvedNode } from '@spikewire/models';
import { RECORD_WORDS, record } from './core-description.ts';

/** The constants and the first state of a population as words of the memory. */
export interface Records {
  /** Bit i: word i of a record is each neuron's own. */
  readonly own: number;
  /** Words of each neuron's record. */
  readonly length: number;
  /** The shared record, then those of the neurons. */
  readonly words: Uint16Array;
  /** Where a neuron's state lies in its record. */
  readonly state: RecordedState;
}

/** Word numbers in the record of a neuron; numbers of 32 bits take two words, the lower half first. */
export interface RecordedState {
  readonly membrane: number;
  readonly current?: number;
  /** Absent where no neuron has a refractory time. */
  readonly refractory?: number;
  /** Bits of membrane and current. */
  readonly bits: 16 | 32;
}

/** Values of one word or one pair of words of a record. */
interface Field {
  readonly word: number;
  /** One per neuron, or one for all. */
  readonly values: ArrayLike<number>;
  /** 32 bits; a population whose values fit 16 has only lower halves. */
  readonly wide?: boolean;
  /** Each neuron's own, whatever the values. */
  readonly state?: boolean;
}

/** Every neuron of `resolved` by its constants, which have one value per neuron. */
export function recordsOf(resolved: ResolvedNode, constants: NeuronQuantization): Records {
  const fields = fieldsOf(constants, linearDynamics(resolved).firing);
  const size = constants.initial.length;
  const own = fields.reduce((mask, field) => mask | ownWords(field, constants.membraneBits), 0);
  const places = placesOf(own);
  const length = places.size;
  const words = new Uint16Array(RECORD_WORDS + size * length);
  for (const { word, values, wide, state } of fields) {
    const put = (at: number, value: number) => {
      words[at] = value;
    };
    for (let n = 0; n < size; n++) {
      const start = RECORD_WORDS + n * length;
      const value = values[n % values.length]!;
      if (places.has(word)) put(start + places.get(word)!, value);
      if (places.has(word + 1) && wide) put(start + places.get(word + 1)!, value >> 16);
    }
    if (state) continue;
    put(word, values[0]!);
    if (wide) put(word + 1, values[0]! >> 16);
  }
  return { own, length, words, state: stateOf(places, constants.membraneBits) };
}

function fieldsOf(constants: NeuronQuantization, firing: Firing | undefined): Field[] {
  const { initial, current, decay, bias, minimum, maximum, threshold, reset, subtract, fraction } = constants;
  const rest = firing?.refractorySteps ?? [0];
  const rests = Array.from(rest).some((steps) => steps > 0);
  return [
    ...(rests ? [{ word: record.refractory, values: [0], state: true }] : []),
    ...(current ? [{ word: record.current, values: current.initial, wide: true, state: true }] : []),
    { word: record.membrane, values: initial, wide: true, state: true },
    { word: record.currentDecay, values: current?.decay ?? [0] },
    { word: record.currentGain, values: current?.gain ?? [0] },
    { word: record.currentBias, values: current?.bias ?? [0], wide: true },
    { word: record.decay, values: decay },
    { word: record.bias, values: bias, wide: true },
    { word: record.floor, values: minimum ?? [-(2 ** 31)], wide: true },
    { word: record.threshold, values: threshold ?? maximum ?? [2 ** 31 - 1], wide: true },
    { word: record.reset, values: reset ?? subtract ?? [0], wide: true },
    { word: record.rest, values: rest },
    { word: record.inputGain, values: [fraction < 0 ? 2 ** (15 + fraction) : 2 ** fraction] },
  ];
}

function ownWords({ word, values, wide, state }: Field, membraneBits: number): number {
  const each = Array.from(values);
  const isShared = !state && each.every((value) => value === each[0]);
  const needsHigh = state ? membraneBits === 32 : each.some((value) => value !== (value << 16) >> 16);
  return isShared ? 0 : wide && needsHigh ? 0b11 << word : 1 << word;
}

/** The place of each own word in a record. */
function placesOf(own: number): Map<number, number> {
  const words = Array.from({ length: RECORD_WORDS }, (_, word) => word).filter((word) => (own >> word) & 1);
  return new Map(words.map((word, place) => [word, place]));
}

function stateOf(places: ReadonlyMap<number, number>, bits: 16 | 32): RecordedState {
  const current = places.get(record.current);
  const refractory = places.get(record.refractory);
  return {
    membrane: places.get(record.membrane)!,
    bits,
    ...(current !== undefined && { current }),
    ...(refractory !== undefined && { refractory }),
  };
}
