import type { OnnxOperator, OperatorSite } from './operator.ts';

/** max(0, x), and min(max(0, x), c) as a rectifier with a ceiling. */
export const rectifier: OnnxOperator = {
  types: ['Relu', 'Clip'],
  apply(site) {
    const signal = site.signal(0);
    if (site.node.operator === 'Relu') return site.net.rectify(site.name, signal);
    const [low, high] = [
      boundOf(site, 1, 'min', Number.NEGATIVE_INFINITY),
      boundOf(site, 2, 'max', Number.POSITIVE_INFINITY),
    ];
    if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) return signal;
    if (low !== 0 || !(high > 0))
      throw site.refuse(`clips to ${low}…${high}`, 'Relu, or Clip from 0 to a number above');
    return site.net.rectify(site.name, signal, high);
  },
};

/** Bounds are inputs since opset 11, and were attributes before. Those at the end of float32 are none. */
function boundOf(site: OperatorSite, index: number, name: string, none: number): number {
  const value = site.optionalConstant(index)?.data[0] ?? site.float(name, none);
  return Math.abs(value) > 3.4e38 ? none : value;
}
