import { elementCount, formatShape } from '@spikewire/models';
import { FLOAT, INT64 } from '../../tensor.ts';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import { stridesOf } from './strides.ts';
import type { Constant } from './value.ts';

/** What exporters compute new shapes with: short lists of whole numbers, known once the shape of the input is. */
export const shapeNumbers: OnnxOperator = {
  types: ['Shape', 'Gather', 'Slice', 'ConstantOfShape', 'Floor', 'Ceil'],
  apply: (site) => COMPUTED[site.node.operator]!(site),
};

const MOST_NUMBERS = 64;

const isCount = (size: number) => Number.isInteger(size) && size >= 0 && size <= MOST_NUMBERS;

function list(site: OperatorSite, numbers: readonly number[], shape = [numbers.length]): Constant {
  if (numbers.length > MOST_NUMBERS)
    throw site.refuse(`gives ${numbers.length} numbers`, `a shape, of at most ${MOST_NUMBERS}`);
  return { shape, type: INT64, data: Float64Array.from(numbers) };
}

/** The numbers of a constant of one dimension. */
function listed(site: OperatorSite, index: number): readonly number[] {
  const { shape, data } = site.constant(index);
  if (shape.length > 1 || data.length > MOST_NUMBERS)
    throw site.refuse(`has a constant of ${data.length} numbers`, 'a shape');
  return Array.from(data);
}

const COMPUTED: Readonly<Record<string, (site: OperatorSite) => Constant>> = {
  Shape: (site) => {
    const { shape } = site.value(0);
    return list(site, shape.slice(site.integer('start', 0), site.integer('end', shape.length)));
  },
  Gather: (site) => {
    const numbers = listed(site, 0);
    const indices = site.constant(1);
    const found = listed(site, 1).map((index) => numbers[site.axis(index, numbers.length)]!);
    return list(site, found, [...indices.shape]);
  },
  Slice: (site) => sliced(site, site.constant(0)),
  ConstantOfShape: (site) => {
    const shape = [...listed(site, 0)];
    const [count, value] = [elementCount(shape), site.tensor('value')];
    if (!shape.every((size) => Number.isInteger(size) && size >= 0))
      throw site.refuse(`gives ${formatShape(shape)}`, 'sizes');
    site.net.take(count);
    return { shape, type: value?.type ?? FLOAT, data: new Float64Array(count).fill(value?.data[0] ?? 0) };
  },
  Floor: (site) => list(site, listed(site, 0).map(Math.floor)),
  Ceil: (site) => list(site, listed(site, 0).map(Math.ceil)),
};

/** A longer list. */
export function joinedNumbers(site: OperatorSite): Constant {
  return list(
    site,
    site.inputs.flatMap((_, index) => listed(site, index)),
  );
}

/** Rows and columns of a constant, forwards or backwards: ends are counted as ONNX does. */
function sliced(site: OperatorSite, { shape, data, type }: Constant): Constant {
  const [starts, ends] = [site.integers('starts') ?? listed(site, 1), site.integers('ends') ?? listed(site, 2)];
  const named = site.integers('axes') ?? (site.inputs[3] === undefined ? starts.map((_, k) => k) : listed(site, 3));
  const steps = site.inputs[4] === undefined ? starts.map(() => 1) : listed(site, 4);
  const axes = named.map((axis) => site.axis(axis, shape.length));
  const isListed = [ends, axes, steps].every(({ length }) => length === starts.length);
  if (!isListed || !shape.every(isCount) || !steps.every(Number.isInteger)) {
    throw site.refuse(`takes a part of ${data.length} numbers`, `a shape, of at most ${MOST_NUMBERS}`);
  }
  const places = shape.map((size, axis) => {
    const k = axes.indexOf(axis);
    return k < 0 ? Array.from({ length: size }, (_, at) => at) : placesOf(size, starts[k]!, ends[k]!, steps[k]!);
  });
  const strides = stridesOf(shape);
  const found = places.reduce<number[]>(
    (offsets, list, axis) => offsets.flatMap((offset) => list.map((at) => offset + at * strides[axis]!)),
    [0],
  );
  return { shape: places.map(({ length }) => length), type, data: Float64Array.from(found, (at) => data[at]!) };
}

function placesOf(size: number, start: number, end: number, step: number): number[] {
  const counted = (at: number) => (at < 0 ? at + size : at);
  const within = (at: number, low: number, high: number) => Math.min(high, Math.max(low, at));
  const places: number[] = [];
  if (step > 0)
    for (let at = within(counted(start), 0, size); at < within(counted(end), 0, size); at += step) places.push(at);
  if (step < 0) {
    const last = within(counted(end), -1, size - 1);
    for (let at = within(counted(start), 0, size - 1); at > last; at += step) places.push(at);
  }
  return places;
}
