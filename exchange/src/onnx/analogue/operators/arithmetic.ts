import { elementCount, formatShape, sameShape, scalar } from '@spikewire/models';
import { INT32, INT64 } from '../../tensor.ts';
import { sameOrder } from './net-writer.ts';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import { broadcastable, placeOf, repeatingStrides } from './strides.ts';
import { type Constant, isSignal, type Signal, type Value } from './value.ts';

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

const INTEGERS: readonly number[] = [INT32, INT64];

/** Sums of two values, and a value beside a constant. */
export const arithmetic: OnnxOperator = {
  types: [...Object.keys(OPERATIONS), 'Sum'],
  apply(site): Value {
    if (site.node.operator === 'Sum')
      return site.inputs.map((_, k) => site.signal(k)).reduce((a, b) => sum(site, a, b));
    const [a, b] = [site.value(0), site.value(1)];
    if (!isSignal(a)) return isSignal(b) ? beside(site, b, a, true) : ofConstants(site, a, b);
    if (!isSignal(b)) return beside(site, a, b, false);
    if (site.node.operator !== 'Add' && site.node.operator !== 'Sub') {
      throw site.refuse('combines two values that depend on the sample', 'Add or Sub');
    }
    return sum(site, a, b);
  },
};

function beside(site: OperatorSite, signal: Signal, constant: Constant, isFirst: boolean): Signal {
  const { net, node } = site;
  const spread = site.spread(constant, signal);
  const [one, none] = [Float64Array.of(1), Float64Array.of(0)];
  switch (node.operator) {
    case 'Add':
      return net.affine(signal, one, spread);
    case 'Sub':
      return isFirst
        ? net.affine(signal, Float64Array.of(-1), spread)
        : net.affine(
            signal,
            one,
            spread.map((value) => -value),
          );
    case 'Mul':
      return net.affine(signal, spread, none);
    default:
      if (isFirst) throw site.refuse('divides by a value that depends on the sample', 'a constant divisor');
      return net.affine(
        signal,
        spread.map((value) => 1 / value),
        none,
      );
  }
}

/** What arrives from both is added where the next node gets it; nothing is added for it. */
function sum(site: OperatorSite, a: Signal, b: Signal): Signal {
  const { net, name } = site;
  const signed = site.node.operator === 'Sub' ? net.affine(b, Float64Array.of(-1), Float64Array.of(0)) : b;
  const [left, right] = [net.settle(name, a), net.settle(name, signed)];
  const isRow = [left, right].some(({ physical }) => physical.length === 1);
  const [first, other] = isRow ? [net.inRow(name, left), net.inRow(name, right)] : [left, right];
  let second = other;
  if (!sameShape(a.shape, b.shape) || !sameOrder(first, second)) {
    throw site.refuse(`adds ${formatShape(b.shape)}`, 'values of one shape, their elements in one order');
  }
  // An edge counts once.
  if (second.sources.some((source) => first.sources.includes(source))) {
    const again = net.add(`${name}.again`, 'Scale', { scale: scalar(1) }, second);
    second = { ...second, sources: again.sources, isOwn: true };
  }
  return {
    ...first,
    sources: [...first.sources, ...second.sources],
    isOwn: first.isOwn && second.isOwn,
    isPositive: first.isPositive && second.isPositive,
  };
}

/** One of two constants repeated over the other, which bounds what comes out. */
function ofConstants(site: OperatorSite, a: Constant, b: Constant): Constant {
  const [count, other] = [elementCount(a.shape), elementCount(b.shape)];
  const isFirst = count > other || (count === other && a.shape.length >= b.shape.length);
  const [large, small] = isFirst ? [a, b] : [b, a];
  const padded = broadcastable(small.shape, large.shape);
  if (padded === undefined) {
    throw site.refuse(
      `has constants of ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      'one that fits the other',
    );
  }
  site.net.take(large.data.length);
  const isWhole = INTEGERS.includes(a.type) && INTEGERS.includes(b.type) && site.node.operator === 'Div';
  const operation = isWhole ? (a: number, b: number) => Math.trunc(a / b) : OPERATIONS[site.node.operator]!;
  const strides = repeatingStrides(padded);
  const data = Float64Array.from({ length: large.data.length }, (_, k) => {
    const [own, other] = [large.data[k]!, small.data[placeOf(k, large.shape, strides)]!];
    return large === a ? operation(own, other) : operation(other, own);
  });
  return { shape: large.shape, type: large.type, data };
}
