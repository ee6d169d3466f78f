import { elementCount, elementsOf, type NeuronKind, prepareFiring, type ResolvedNode } from '@spikewire/models';
import { FLOAT } from '../../tensor.ts';
import type { Formulas } from '../step/formulas.ts';
import type { NodeStep, StateVariable } from '../step/node-step.ts';
import { firingOf, rests } from './firing.ts';
import { advanced, type Slopes } from './ode.ts';

/** A population whose membrane is not linear between spikes, in float32. */
export type Equations = (formulas: Formulas, node: ResolvedNode, kind: NeuronKind) => NodeStep;

/** Parameters as constants, state variables with their start, and operators on numbers. */
export function siteOf(formulas: Formulas, { node, shape, semantics }: ResolvedNode, kind: NeuronKind) {
  const size = elementCount(shape);
  const parameters = elementsOf(node, size, kind.parameters) as Readonly<Record<string, Float64Array>>;
  const { initial } = kind.prepare(node, size, semantics);
  const { onnx } = formulas;
  const number = (value: number | string) => (typeof value === 'number' ? onnx.scalar(value) : value);
  return {
    parameters,
    constant: (key: string) => formulas.perNeuron(parameters[key]!, shape),
    states: (...names: string[]) =>
      names.map((variable): StateVariable => ({ variable, shape, type: 'float32', initial: initial[variable]! })),
    number,
    /** Sums and products of any number of values. */
    sum: (...values: (number | string)[]) => values.map(number).reduce(formulas.add),
    product: (...values: (number | string)[]) => values.map(number).reduce(formulas.multiply),
    minus: (a: number | string, b: number | string) => formulas.subtract(number(a), number(b)),
    over: (a: number | string, b: number | string) => formulas.divide(number(a), number(b)),
  };
}

/** A spike where v crosses a threshold upward, in float32. */
function crossing(formulas: Formulas, before: string, after: string, threshold: string): string {
  const wasBelow = formulas.not(formulas.isGreater(before, threshold));
  return formulas.cast(formulas.and(wasBelow, formulas.isGreater(after, threshold)), FLOAT);
}

const MILLISECONDS = 1000;

export const izhikevich: Equations = (formulas, node, kind) => {
  const { constant, states, number, sum, product, minus } = siteOf(formulas, node, kind);
  const [a, b, c, d, peak] = ['a', 'b', 'c', 'd', 'v_peak'].map(constant) as [string, string, string, string, string];
  const { dt, integrate } = node.semantics;
  return {
    states: states('v', 'u'),
    write([arriving], [v, u]) {
      const slopes: Slopes = ([at, recovery]) => {
        const x = formulas.smaller(at!, peak);
        const climb = sum(product(0.04, x, x), product(5, x), 140);
        return [sum(minus(climb, recovery!), arriving!), product(a, minus(product(b, x), recovery!))];
      };
      const [moved, recovered] = advanced(formulas, slopes, [v!, u!], MILLISECONDS * dt, integrate);
      const spikes = formulas.onnx.emit('GreaterOrEqual', [moved!, peak]);
      const next = [
        formulas.choose(spikes, c, moved!),
        formulas.add(recovered!, formulas.choose(spikes, d, number(0))),
      ];
      return { emitted: formulas.cast(spikes, FLOAT), next };
    },
  };
};

export const adEx: Equations = (formulas, node, kind) => {
  const { constant, states, number, sum, product, minus, over } = siteOf(formulas, node, kind);
  const keys = ['tau', 'r', 'v_leak', 'tau_w', 'a', 'b', 'delta_t', 'v_threshold', 'v_peak'] as const;
  const of = Object.fromEntries(keys.map((key) => [key, constant(key)])) as Record<(typeof keys)[number], string>;
  const firing = prepareFiring(node.node, elementCount(node.shape), node.semantics, 'v_peak');
  const fire = firingOf(formulas, firing, node.shape);
  const { dt, integrate } = node.semantics;
  return {
    states: states('v', 'w', ...(rests(firing) ? ['refractory'] : [])),
    write([arriving], [v, w, refractory]) {
      const isResting = refractory && formulas.isGreater(refractory, number(0));
      const slopes: Slopes = ([at, adaptation]) => {
        const x = formulas.smaller(at!, of.v_peak);
        const spike = product(of.delta_t, formulas.exp(over(minus(x, of.v_threshold), of.delta_t)));
        const current = product(of.r, minus(arriving!, adaptation!));
        const moves = over(sum(minus(of.v_leak, x), spike, current), of.tau);
        return [
          isResting === undefined ? moves : formulas.choose(isResting, number(0), moves),
          over(minus(product(of.a, minus(x, of.v_leak)), adaptation!), of.tau_w),
        ];
      };
      const [moved, adapted] = advanced(formulas, slopes, [v!, w!], dt, integrate);
      const fired = fire({ v: moved!, before: v!, refractory });
      const risen = formulas.add(adapted!, product(fired.spikes, of.b));
      return { emitted: fired.spikes, next: [fired.v, risen, ...(refractory ? [fired.refractory!] : [])] };
    },
  };
};

export const fitzHughNagumo: Equations = (formulas, node, kind) => {
  const { constant, states, sum, product, minus, over } = siteOf(formulas, node, kind);
  const [a, b, epsilon, threshold] = ['a', 'b', 'epsilon', 'v_threshold'].map(constant) as [
    string,
    string,
    string,
    string,
  ];
  const { dt, integrate } = node.semantics;
  return {
    states: states('v', 'w'),
    write([arriving], [v, w]) {
      const slopes: Slopes = ([x, recovery]) => [
        sum(minus(minus(x!, over(product(x!, x!, x!), 3)), recovery!), arriving!),
        product(epsilon, minus(sum(x!, a), product(b, recovery!))),
      ];
      const [moved, recovered] = advanced(formulas, slopes, [v!, w!], MILLISECONDS * dt, integrate);
      return { emitted: crossing(formulas, v!, moved!, threshold), next: [moved!, recovered!] };
    },
  };
};

export const hodgkinHuxley: Equations = (formulas, node, kind) => {
  const { constant, states, number, sum, product, minus, over } = siteOf(formulas, node, kind);
  const keys = ['g_na', 'g_k', 'g_l', 'e_na', 'e_k', 'e_l', 'c'] as const;
  const of = Object.fromEntries(keys.map((key) => [key, constant(key)])) as Record<(typeof keys)[number], string>;
  const { dt, integrate } = node.semantics;
  /** x/(1 − e^(−x)); near 0 its series, since float32 loses the digits of 1 − e^(−x). */
  const linoid = (x: string) => {
    const square = product(x, x);
    const series = sum(1, product(0.5, x), product(square, minus(1 / 12, product(1 / 720, square))));
    const isSmall = formulas.onnx.emit('Less', [square, number(0.01)]);
    const closed = over(x, minus(1, formulas.exp(product(-1, x))));
    return formulas.choose(isSmall, series, closed);
  };
  const falling = (v: string, at: number, width: number) => formulas.exp(over(sum(v, at), -width));
  const slopes =
    (arriving: string): Slopes =>
    ([v, m, h, n]) => {
      const within = formulas.smaller(formulas.larger(v!, number(-150)), number(150));
      const opening = [
        linoid(over(sum(within, 40), 10)),
        product(0.07, falling(within, 65, 20)),
        product(0.1, linoid(over(sum(within, 55), 10))),
      ];
      const closing = [
        product(4, falling(within, 65, 18)),
        over(1, sum(1, falling(within, 35, 10))),
        product(0.125, falling(within, 65, 80)),
      ];
      const sodium = product(of.g_na, m!, m!, m!, h!, minus(v!, of.e_na));
      const potassium = product(of.g_k, n!, n!, n!, n!, minus(v!, of.e_k));
      const leak = product(of.g_l, minus(v!, of.e_l));
      const current = minus(minus(minus(arriving, sodium), potassium), leak);
      const gates = [m!, h!, n!].map((gate, k) =>
        minus(product(opening[k]!, minus(1, gate)), product(closing[k]!, gate)),
      );
      return [over(current, of.c), ...gates];
    };
  return {
    states: states('v', 'm', 'h', 'n'),
    write([arriving], before) {
      const [v, ...gates] = advanced(formulas, slopes(arriving!), before, MILLISECONDS * dt, integrate);
      const shares = gates.map((gate) => formulas.smaller(formulas.larger(gate, number(0)), number(1)));
      return { emitted: crossing(formulas, before[0]!, v!, number(0)), next: [v!, ...shares] };
    },
  };
};
