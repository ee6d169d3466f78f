import type { NeuronQuantization } from '../model/quantization.ts';

type List = Float64Array | Int32Array;

/** The most neurons of a population that, counted off in a row, have the same value in each of the lists. */
export function sharing(lists: readonly ArrayLike<number>[], size: number): number {
  let each = size;
  for (const values of lists) {
    for (let i = 1; i < size && each > 1; i++) if (values[i] !== values[i - 1]) each = commonDivisor(each, i);
  }
  return each;
}

/** The shortest list that says the same. */
export function shortest<Values extends List>(values: Values): Values {
  const each = sharing([values], values.length);
  return each <= 1 ? values : (values.filter((_, i) => i % each === 0) as Values);
}

/** One value per neuron. */
export function spread<Values extends List>(values: Values, size: number): Values {
  if (values.length === size) return values;
  const whole = values instanceof Int32Array ? new Int32Array(size) : new Float64Array(size);
  return whole.map((_, neuron) => valueFor(values, neuron, size)) as Values;
}

/** The value of one of so many neurons. */
export function valueFor(values: ArrayLike<number>, neuron: number, size: number): number {
  return values[Math.floor(neuron / (size / values.length))]!;
}

/** The constants of a population with other lists. */
export function mapLists(
  { current, adaptation, ...own }: NeuronQuantization,
  change: <Values extends List>(values: Values) => Values,
): NeuronQuantization {
  const each = <Constants extends object>(constants: Constants) =>
    Object.fromEntries(
      Object.entries(constants).map(([key, value]) => [key, ArrayBuffer.isView(value) ? change(value as List) : value]),
    ) as Constants;
  return {
    ...each(own),
    ...(current && { current: each(current) }),
    ...(adaptation && { adaptation: each(adaptation) }),
  };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
