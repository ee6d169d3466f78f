import { elementCount, prepareFiring } from '@spikewire/models';
import type { Formulas } from '../step/formulas.ts';
import { type Equations, siteOf } from './equations.ts';
import { firingOf, rests } from './firing.ts';
import { responseTo } from './probe.ts';

/** Filters of what arrives, and an after-potential: the membrane is their sum, and no state of its own. */
export const srm0: Equations = (formulas, node, kind) => {
  const { parameters, constant, states, sum, minus } = siteOf(formulas, node, kind);
  const firing = prepareFiring(node.node, elementCount(node.shape), node.semantics);
  const fire = firingOf(formulas, { ...firing, minimum: undefined }, node.shape);
  const names = ['falling', 'rising', 'eta'] as const;
  const columns = [
    ...names.map((variable) => responseTo(node, kind, { variable })),
    responseTo(node, kind, { arriving: 1 }),
  ];
  const row = (variable: string) =>
    weightedSum(
      formulas,
      node.shape,
      columns.map((column) => column[variable]!),
    );
  const [falling, rising, eta, membrane] = [...names, 'v'].map(row) as [Weighted, Weighted, Weighted, Weighted];
  const leak = constant('v_leak');
  const floor = firing.minimum && formulas.perNeuron(firing.minimum, node.shape);
  const [reset, threshold] = [constant('v_reset'), constant('v_threshold')];
  const own = parameters.eta === undefined ? undefined : constant('eta');
  return {
    states: states(...names, ...(rests(firing) ? ['refractory'] : [])),
    write([arriving], [f, r, e, refractory]) {
      const before = [f!, r!, e!, arriving!];
      const after = eta(before);
      const free = sum(leak, membrane(before));
      const v = floor === undefined ? free : formulas.larger(free, floor);
      const fired = fire({ v, before: v, refractory });
      const started =
        firing.reset === 'subtract'
          ? sum(after, own ?? minus(reset, threshold))
          : (own ?? minus(sum(reset, after), free));
      const isSpike = formulas.isGreater(fired.spikes, formulas.onnx.scalar(0));
      const next = [falling(before), rising(before), formulas.choose(isSpike, started, after)];
      return { emitted: fired.spikes, next: refractory === undefined ? next : [...next, fired.refractory!] };
    },
  };
};

type Weighted = (values: readonly string[]) => string;

/** Σ coefficient·value, without those that are 0; 0 times the first where all are. */
function weightedSum(formulas: Formulas, shape: readonly number[], coefficients: readonly Float64Array[]): Weighted {
  const terms = coefficients
    .map((each, k) => ({ each, k }))
    .filter(({ each, k }) => k === 0 || each.some((c) => c !== 0));
  const factors = terms.map(({ each }) => formulas.perNeuron(each, shape));
  return (values) => formulas.sum(terms.map(({ k }, at) => formulas.multiply(values[k]!, factors[at]!)));
}
