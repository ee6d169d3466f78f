import { allButOne } from '../connections/all-but-one.ts';
import { concat } from '../connections/concat.ts';
import type { ConnectionKind } from '../connections/connection-kind.ts';
import { conv1d, conv2d } from '../connections/convolution.ts';
import { delay } from '../connections/delay.ts';
import { affine, linear } from '../connections/dense.ts';
import { flatten, scale } from '../connections/elementwise.ts';
import { globalAvgPool1d, globalAvgPool2d } from '../connections/global-pooling.ts';
import { maxPool1d, maxPool2d } from '../connections/max-pooling.ts';
import { avgPool1d, avgPool2d, sumPool1d, sumPool2d } from '../connections/pooling.ts';
import { sparse } from '../connections/sparse.ts';
import { convTranspose1d, convTranspose2d } from '../connections/transposed-convolution.ts';
import { upsample1d, upsample2d } from '../connections/upsampling.ts';
import { SpikewireError } from '../error.ts';
import type { InputKind, OutputKind } from '../graph/kind.ts';
import { adEx } from '../neurons/adex.ts';
import { alif } from '../neurons/alif.ts';
import { conductanceLif } from '../neurons/conductance-lif.ts';
import { cubaIntegrator } from '../neurons/cuba-li.ts';
import { cubaLif } from '../neurons/cuba-lif.ts';
import { fitzHughNagumo } from '../neurons/fitzhugh-nagumo.ts';
import { hodgkinHuxley } from '../neurons/hodgkin-huxley.ts';
import { integrateAndFire } from '../neurons/if.ts';
import { integrator } from '../neurons/integrator.ts';
import { izhikevich } from '../neurons/izhikevich.ts';
import { leakyIntegrator } from '../neurons/li.ts';
import { lif } from '../neurons/lif.ts';
import { loihiLif } from '../neurons/loihi-lif.ts';
import { lowpass } from '../neurons/lowpass.ts';
import type { NeuronKind } from '../neurons/neuron-kind.ts';
import { relu } from '../neurons/relu.ts';
import { srm0 } from '../neurons/srm0.ts';
import { threshold } from '../neurons/threshold.ts';
import { input, output } from './terminals.ts';

export type NodeKind = InputKind | OutputKind | ConnectionKind | NeuronKind;

/** Every kind of node. A new one is a file of its own and a line here. */
export const nodeKinds: readonly NodeKind[] = [
  input,
  output,
  linear,
  affine,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  sumPool1d,
  sumPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  globalAvgPool1d,
  globalAvgPool2d,
  upsample1d,
  upsample2d,
  concat,
  flatten,
  scale,
  delay,
  sparse,
  allButOne,
  threshold,
  integrateAndFire,
  lif,
  cubaLif,
  loihiLif,
  alif,
  conductanceLif,
  srm0,
  adEx,
  izhikevich,
  hodgkinHuxley,
  fitzHughNagumo,
  integrator,
  leakyIntegrator,
  lowpass,
  cubaIntegrator,
  relu,
];

const byType: ReadonlyMap<string, NodeKind> = new Map(nodeKinds.map((kind) => [kind.type, kind]));

/** The kind of a type name, or a `graph` error that names the node and lists the types there are. */
export function kindOf(type: string, where: string): NodeKind {
  const kind = byType.get(type);
  if (kind === undefined)
    throw new SpikewireError('graph', where, `has unknown type "${type}"`, [...byType.keys(), 'NIRGraph'].join(', '));
  return kind;
}
