import { INT64 } from '../../tensor.ts';
import type { OnnxOperator, OperatorSite } from '../operator.ts';
import type { Constant } from '../value.ts';

/** What exporters compute new shapes with: short lists of whole numbers, known once the shape of the input is. */
export const shapeNumbers: OnnxOperator = {
  types: ['Shape', 'Gather', 'Concat', 'Slice'],
  apply: (site) => COMPUTED[site.node.operator]!(site),
};

const MOST_NUMBERS = 64;

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
  Concat: (site) =>
    list(
      site,
      site.inputs.flatMap((_, index) => listed(site, index)),
    ),
  Slice: (site) => {
    const numbers = listed(site, 0);
    const [start, end, step] = [listed(site, 1)[0], listed(site, 2)[0], site.optionalConstant(4)?.data[0] ?? 1];
    if (step !== 1) throw site.refuse(`takes every ${step}th number`, 'steps 1');
    return list(site, numbers.slice(start, end));
  },
};
