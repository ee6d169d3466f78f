import { elementCount, type NeuronKind, prepareFiring, type ResolvedNode } from '@spikewire/models';
import type { Formulas } from '../step/formulas.ts';
import { type Equations, siteOf } from './equations.ts';
import { firingOf, rests } from './firing.ts';
import { responseTo } from './probe.ts';

/** Excitation and inhibition as conductances, under a threshold that adapts. */
export const conductanceLif: Equations = (formulas, node, kind) => {
  const { parameters, states, product, sum } = siteOf(formulas, node, kind);
  const constant = (values: ArrayLike<number>) => formulas.perNeuron(values, node.shape);
  const left = (variable: string) => responseTo(node, kind, { variable })[variable]!;
  const [leftE, leftI, leftTheta] = ['g_e', 'g_i', 'theta'].map(left) as [Float64Array, Float64Array, Float64Array];
  const [decayE, decayI, decayTheta] = [leftE, leftI, leftTheta].map(constant) as [string, string, string];
  const move = membraneMotion(formulas, node, kind, leftE, leftI);
  const firing = prepareFiring(node.node, elementCount(node.shape), node.semantics);
  const adaptation = { initial: parameters.theta_initial!, rise: parameters.theta_plus!, decay: leftTheta };
  const fire = firingOf(formulas, firing, node.shape, adaptation);
  return {
    states: states('v', 'g_e', 'g_i', 'theta', ...(rests(firing) ? ['refractory'] : [])),
    write([excitatory, inhibitory], [v, gE, gI, theta, refractory]) {
      const [e, h] = [sum(gE!, excitatory!), sum(gI!, inhibitory!)];
      const fired = fire({ v: move(v!, e, h), before: v!, refractory, theta: product(theta!, decayTheta) });
      const next = [fired.v, product(e, decayE), product(h, decayI), fired.theta!];
      return { emitted: fired.spikes, next: refractory === undefined ? next : [...next, fired.refractory!] };
    },
  };
};

/** The membrane after a step, from the conductances at its start; which of three ways, semantics say. */
function membraneMotion(
  formulas: Formulas,
  node: ResolvedNode,
  kind: NeuronKind,
  leftE: Float64Array,
  leftI: Float64Array,
) {
  const { constant, sum, product, minus, over, number } = siteOf(formulas, node, kind);
  const [tau, leak, reversalE, reversalI] = ['tau', 'v_leak', 'e_e', 'e_i'].map(constant) as [
    string,
    string,
    string,
    string,
  ];
  const { dt, integrate } = node.semantics;
  const slope = (v: string, e: string, h: string) =>
    over(sum(minus(leak, v), product(e, minus(reversalE, v)), product(h, minus(reversalI, v))), tau);
  if (integrate === 'euler') return (v: string, e: string, h: string) => sum(v, product(dt, slope(v, e, h)));
  if (integrate === 'exact') {
    return (v: string, e: string, h: string) => {
      const total = sum(1, e, h);
      const share = over(minus(1, formulas.exp(over(product(-dt, total), tau))), total);
      const isNone = formulas.onnx.emit('Equal', [total, number(0)]);
      // Negative weights may take away all conductance; then the membrane moves evenly.
      const moved = formulas.choose(isNone, over(dt, tau), share);
      const pull = sum(leak, product(e, reversalE), product(h, reversalI));
      return sum(v, product(moved, minus(pull, product(total, v))));
    };
  }
  const [halfE, halfI] = [leftE, leftI].map((left) => formulas.perNeuron(left.map(Math.sqrt), node.shape));
  return (v: string, e0: string, h0: string) => {
    const [e1, h1] = [product(e0, halfE!), product(h0, halfI!)];
    const [e2, h2] = [product(e1, halfE!), product(h1, halfI!)];
    const a = slope(v, e0, h0);
    const b = slope(sum(v, product(dt / 2, a)), e1, h1);
    const c = slope(sum(v, product(dt / 2, b)), e1, h1);
    const d = slope(sum(v, product(dt, c)), e2, h2);
    return sum(v, product(dt / 6, sum(a, product(2, sum(b, c)), d)));
  };
}
