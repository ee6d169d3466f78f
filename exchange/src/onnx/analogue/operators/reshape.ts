import { elementCount, formatShape, type Shape } from '@spikewire/models';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import { isSignal, type Value } from './value.ts';

/** Other shapes over the same elements in the same order. */
export const reshape: OnnxOperator = {
  types: ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'],
  keepsAnswers: true,
  apply(site): Value {
    const value = site.value(0);
    const shape = SHAPES[site.node.operator]!(site, value.shape);
    if (shape.length > MOST_AXES || elementCount(shape) !== elementCount(value.shape)) {
      throw site.refuse(`gives ${formatShape(shape)}`, `a shape of ${elementCount(value.shape)} elements`);
    }
    if (isSignal(value) && shape[0] !== value.shape[0]) {
      throw site.refuse(`gives ${formatShape(shape)}`, `${value.shape[0]}, the batch, in front`);
    }
    return { ...value, shape };
  },
};

const MOST_AXES = 8;

type NewShape = (site: OperatorSite, shape: Shape) => Shape;

const SHAPES: Readonly<Record<string, NewShape>> = {
  Reshape: (site, shape) => {
    const wanted = Array.from(site.constant(1).data);
    const keepsZero = site.integer('allowzero', 0) !== 0;
    const known = wanted.map((size, k) => (size === 0 && !keepsZero ? (shape[k] ?? 0) : size));
    const rest = elementCount(shape) / elementCount(known.filter((size) => size !== -1));
    return known.map((size) => (size === -1 ? rest : size));
  },
  Flatten: (site, shape) => {
    const wanted = site.integer('axis', 1);
    const axis = wanted === shape.length ? wanted : site.axis(wanted, shape.length);
    return [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))];
  },
  Squeeze: (site, shape) => {
    const axes = site.numbers('axes', 1)?.map((axis) => site.axis(axis, shape.length));
    return shape.filter((size, k) => (axes === undefined ? size !== 1 || k === 0 : !axes.includes(k)));
  },
  Unsqueeze: (site, shape) => {
    const axes = site.numbers('axes', 1) ?? [];
    const rank = shape.length + axes.length;
    if (rank > MOST_AXES) throw site.refuse(`gives ${rank} axes`, `at most ${MOST_AXES}`);
    const added = axes.map((axis) => site.axis(axis, rank));
    const rest = [...shape];
    return Array.from({ length: rank }, (_, k) => (added.includes(k) ? 1 : (rest.shift() ?? 1)));
  },
};
