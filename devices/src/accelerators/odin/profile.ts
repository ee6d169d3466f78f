import {
  demandOf,
  elementCount,
  type Model,
  type ResolvedGraph,
  resolveGraph,
  SpikewireError,
} from '@spikewire/models';
import {
  type Abilities,
  atMost,
  type BoardLimit,
  type BoardProfile,
  declaredPlacement,
  type LimitSource,
  refuseMisfits,
} from 'spikewire/accelerators';
import { type Chip, SIZE } from './chips.ts';
import { lossOf, percent } from './loss.ts';
import { expectReach, furthestOf, type Mapping, mapModel } from './mapping.ts';
import { furthestReach } from './quantise.ts';

/** A chip for which models can be made, and its limits as its RTL has them. */
export function profileOf(chip: Chip, abilities: Abilities): BoardProfile {
  const { name, title } = chip;
  return {
    address: `${name}:chip`,
    name: `${title}, ${SIZE} neurons`,
    abilities,
    async expectFit(model) {
      await refuseMisfits({ name: title, abilities }, model);
      expectReach(mapModel(chip, model));
    },
    limits: (model) => limitsOf(chip, abilities, model),
    notes: async (model) => notesOf(chip, model),
  };
}

async function limitsOf(chip: Chip, abilities: Abilities, model: Model): Promise<readonly BoardLimit[]> {
  const repository = chip.hasSignedWeights ? 'ChFrenkel/tinyODIN' : 'ChFrenkel/ODIN 17819318';
  const source: LimitSource = { title: `${repository}, RTL`, evidence: 'source file' };
  const graph = resolveGraph(model.graph, model.semantics);
  const { neurons, synapses } = demandOf(model, graph);
  const whole = [atMost('neurons', neurons, SIZE, source), atMost('synapses', synapses, SIZE * SIZE, source)];
  const { nodes } = await declaredPlacement({ name: chip.title, abilities }, model);
  const foreign = nodes.flatMap(({ name, problem }) => foreignParts(name, problem, source));
  const isMapped = foreign.length === 0 && whole.every(({ fits }) => fits);
  const mapping = isMapped ? mappingOf(chip, model) : undefined;
  const rows = atMost('rows of synapses', mapping?.rowCount ?? sourcesIn(graph), chip.rows, source);
  const furthest = mapping && furthestOf(mapping);
  if (furthest === undefined) return [...whole, ...foreign, rows];
  const [reach, { name }] = [Number(furthest.reach.toPrecision(4)), graph.nodes[furthest.node]!];
  return [...whole, rows, atMost('threshold by largest weight', reach, furthestReach(chip), source, name)];
}

/** Compares the values of a node with the limits of the chip, pair by pair. */
function foreignParts(node: string, problem: string | undefined, source: LimitSource): BoardLimit[] {
  const pairs = problem?.match(/[^;]+(; [^;]+)?/g) ?? [];
  return pairs.map((pair) => {
    const [needs, has = 'none of it'] = pair.trim().split('; ');
    return { node, what: 'kinds and parameters', needs: needs!, has, fits: false, missedBy: 'all of the node', source };
  });
}

/** What of a model that fits is rounded. */
function notesOf(chip: Chip, model: Model): string[] {
  const mapping = mappingOf(chip, model);
  if (mapping === undefined) return [];
  const { weight, spikes } = lossOf(mapping);
  const bits = chip.hasSignedWeights ? '4 bits with sign' : '3 bits, with one sign for each row';
  return [
    `weights become ${bits}: errors of up to ${percent(weight)} of the largest`,
    `a leak subtracts a constant of 7 bits: ${percent(spikes)} of spikes differ on random input`,
  ];
}

/** Elements whose spikes go somewhere: each takes a row at least. */
function sourcesIn({ nodes, edges }: ResolvedGraph): number {
  const emitting = nodes.filter(({ kind }, index) => {
    const leads = edges.some(({ source, target }) => source === index && nodes[target]!.kind.role !== 'output');
    return leads && (kind.role === 'input' || kind.role === 'neuron');
  });
  return emitting.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** How the model lies on the chip, if that had any number of rows; absent where the driver refuses it. */
function mappingOf(chip: Chip, model: Model): Mapping | undefined {
  try {
    return mapModel({ ...chip, rows: Number.POSITIVE_INFINITY }, model);
  } catch (problem) {
    if (problem instanceof SpikewireError) return undefined;
    throw problem;
  }
}
