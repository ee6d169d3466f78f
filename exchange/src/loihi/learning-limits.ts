import { among, atMost, type BoardLimit } from '@spikewire/engine/executor';
import { type LearningDeclaration, plasticityKinds, SpikewireError } from '@spikewire/models';
import type { Net } from '../net/net.ts';
import { PROFILES, sources } from './chip.ts';

/** What of the rules of a model the chip's sums of products of traces could be. */
export function learningLimits(net: Net): BoardLimit[] {
  return [...net.model.learning].flatMap(([node, declarations]) =>
    declarations.flatMap((declaration) => ofRule(net, node, declaration)),
  );
}

function ofRule(net: Net, node: string, { rule, parameters }: LearningDeclaration): BoardLimit[] {
  const kind = plasticityKinds.find((each) => each.rule === rule)!;
  const form = kind.hasIntegerForm ? 'sums of products of traces' : rule;
  const learns = among('learning rule', form, ['sums of products of traces'], sources.learning, node, 'its weights');
  const traces = preTracesOf(net, node, kind, parameters);
  if (!learns.fits || traces === undefined) return [learns];
  return [learns, atMost('traces of arriving spikes', traces, PROFILES.preTraces, sources.profiles, node)];
}

type Kind = (typeof plasticityKinds)[number];

/** Absent where the rule cannot work there at all, which engines tell. */
function preTracesOf(
  { nodes, wiring, model }: Net,
  node: string,
  kind: Kind,
  parameters: LearningDeclaration['parameters'],
) {
  const connectivity = wiring.connectivity[nodes.findIndex(({ name }) => name === node)];
  if (connectivity === undefined) return undefined;
  const { inputs, outputs } = connectivity;
  try {
    const { traces } = kind.prepare(parameters, { where: node, dt: model.semantics.dt, inputs, outputs });
    return traces.filter(({ side }) => side === 'pre').length;
  } catch (problem) {
    if (problem instanceof SpikewireError) return undefined;
    throw problem;
  }
}
