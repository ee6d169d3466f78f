import { type NeuronKind, type ResolvedNode, SpikewireError } from '@spikewire/models';
import type { Formulas } from '../step/formulas.ts';
import type { NodeStep } from '../step/node-step.ts';
import { conductanceLif } from './conductance-lif.ts';
import { adEx, type Equations, fitzHughNagumo, hodgkinHuxley, izhikevich } from './equations.ts';
import { linearPopulation } from './linear.ts';
import { srm0 } from './srm0.ts';

/** Kinds that have neither a linear nor an adaptive form, by their equations. */
const byEquations: Readonly<Record<string, Equations>> = {
  AdEx: adEx,
  ConductanceLIF: conductanceLif,
  FitzHughNagumo: fitzHughNagumo,
  HodgkinHuxley: hodgkinHuxley,
  Izhikevich: izhikevich,
  SRM0: srm0,
};

/** A population in float32. Throws `unsupported` for a kind that is not written. */
export function realPopulation(formulas: Formulas, node: ResolvedNode, kind: NeuronKind): NodeStep {
  const write = byEquations[kind.type];
  if (write !== undefined) return write(formulas, node, kind);
  if ((kind.linear ?? kind.integer ?? kind.adaptive) !== undefined) return linearPopulation(formulas, node);
  const known = ['IF, LIF, ALIF, CubaLIF, LI, ReLU or another linear neuron', ...Object.keys(byEquations)].join(', ');
  throw new SpikewireError('unsupported', `node "${node.name}" (${kind.type})`, 'is not written in ONNX', known);
}
