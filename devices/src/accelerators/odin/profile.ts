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
  };
}

async function limitsOf(chip: Chip, abilities: Abilities, model: Model): Promise<readonly BoardLimit[]> {
  const repository = chip.hasSignedWeights ? 'ChFrenkel/tinyODIN' : 'ChFrenkel/ODIN 17819318';
  const source: LimitSource = { title: `${repository}, RTL`, evidence: 'source file' };
  const limit = (what: string, needs: number | string, has: number | string, fits: boolean): BoardLimit => {
    return { what, needs: String(needs), has: String(has), fits, source };
  };
  const graph = resolveGraph(model.graph, model.semantics);
  const { neurons, synapses } = demandOf(model, graph);
  const whole = [
    limit('neurons', neurons, SIZE, neurons <= SIZE),
    limit('synapses', synapses, SIZE * SIZE, synapses <= SIZE * SIZE),
  ];
  const { nodes } = await declaredPlacement({ name: chip.title, abilities }, model);
  const foreign = nodes.flatMap(({ name: node, problem }): BoardLimit[] => {
    // Each is what the node has, and what the chip has.
    const pairs = problem?.match(/[^;]+(; [^;]+)?/g) ?? [];
    return pairs.map((pair) => {
      const [needs, has = 'none of it'] = pair.trim().split('; ');
      return { node, ...limit('kinds and parameters', needs!, has, false), missedBy: 'all of the node' };
    });
  });
  const mapping = foreign.length > 0 ? undefined : mappingOf(chip, model);
  if (mapping === undefined || typeof mapping === 'string') {
    const sources = sourcesIn(graph);
    const refused = mapping === undefined ? [] : [limit('places of nodes', mapping, 'no such place', false)];
    return [...whole, ...foreign, ...refused, limit('rows of synapses', sources, chip.rows, sources <= chip.rows)];
  }
  const { weight, spikes } = lossOf(mapping);
  const bits = chip.hasSignedWeights ? '4 bits with sign' : '3 bits, the sign by row';
  const rows = limit('rows of synapses', mapping.rowCount, chip.rows, mapping.rowCount <= chip.rows);
  const reach = [furthestOf(mapping)].flatMap((furthest): BoardLimit[] => {
    if (furthest === undefined) return [];
    const [needs, has] = [Number(furthest.reach.toPrecision(4)), furthestReach(chip)];
    const of = limit('threshold by largest weight', needs, has, furthest.reach <= has);
    return [{ node: graph.nodes[furthest.node]!.name, ...of }];
  });
  return [
    ...whole,
    rows,
    ...reach,
    limit('bits of weights', `errors of up to ${percent(weight)} of the largest`, bits, true),
    limit('a leak by subtraction', `${percent(spikes)} of spikes differ on random input`, '7 bits', true),
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

/** How the model lies on the chip, if that had any number of rows; else why it does not. */
function mappingOf(chip: Chip, model: Model): Mapping | string {
  try {
    return mapModel({ ...chip, rows: Number.POSITIVE_INFINITY }, model);
  } catch (problem) {
    if (problem instanceof SpikewireError) return problem.message;
    throw problem;
  }
}
