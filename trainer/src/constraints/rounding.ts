import {
  elementCount,
  LEARNED_MAXIMUM,
  type Model,
  quantize,
  type ResolvedGraph,
  resolveGraph,
  rowsOf,
  weightUnits,
  wire,
} from '@spikewire/models';
import { scaleChannels } from '../graph/operations/channels.ts';
import { reciprocal } from '../graph/operations/functions.ts';
import { reshape } from '../graph/operations/reshape.ts';
import { round } from '../graph/operations/round.ts';
import type { LearnedParameter } from '../lowering/learned.ts';
import type { PlacedNode } from '../lowering/placed.ts';
import { calibrationOn } from '../samples/calibration.ts';
import type { ConstrainedState, Constraint, ConstraintSite } from './constraint.ts';

/** Weights that become whole numbers: so many rows with one unit each, and the largest of them. */
interface HeldWeights extends Pick<LearnedParameter, 'name' | 'node'> {
  readonly rows: number;
  readonly limit: number;
}

/**
 * Training for whole numbers: weights count as u·q, with the q and the units u of each row that the quantiser gives
 * them, and gradients go straight through to what is rounded (Hubara et al. 2018, Quantized neural networks;
 * Krishnamoorthi 2018, section 3.2). The model comes out in its integer form. A single number that stands for all
 * weights of a connection is not rounded while it learns.
 */
export function rounding(bits: 8 | 4, { model, graph, learned, trainingNodes }: ConstraintSite): Constraint {
  const held = new Map(
    learned
      .flatMap((parameter) => heldWeights(graph, parameter, bits, model))
      .map((each) => [each.name, each] as const),
  );
  return {
    key: 'unit',
    shapes: new Map([...held].map(([name, { rows }]) => [name, [rows]] as const)),
    lower(name, weights, units) {
      const { rows, limit } = held.get(name)!;
      const matrix = reshape(weights, [1, rows, elementCount(weights.shape) / rows]);
      const whole = round(scaleChannels(matrix, reciprocal(units)), limit);
      return reshape(scaleChannels(whole, units), weights.shape);
    },
    set(state) {
      const integer = quantize(state.model(), { bits });
      const wiring = wire(resolveGraph(integer.graph, integer.semantics));
      for (const { name, node } of held.values()) {
        const index = wiring.graph.nodes.findIndex((each) => each.name === node);
        const units = weightUnits(wiring, index, integer.quantization!);
        const factors = foldedFactors(trainingNodes, node, state);
        state.array(name).set(units.map((unit, row) => unit / (Math.abs(factors?.[row] ?? 1) || 1)));
      }
    },
    finish: (trained, data) => quantize(trained, { bits, calibration: calibrationOn(trained, data) }),
  };
}

function heldWeights(
  graph: ResolvedGraph,
  { name, node, key, shape }: LearnedParameter,
  bits: 8 | 4,
  { learning }: Model,
): HeldWeights[] {
  const resolved = graph.nodes.find((each) => each.name === node);
  if (resolved?.kind.role !== 'connection' || (key !== 'weight' && key !== 'scale')) return [];
  const rows = rowsOf(resolved.kind.connect(resolved.node, resolved.inputShape));
  if (elementCount(shape) % rows !== 0) return [];
  return [{ name, node, rows, limit: bits === 8 || learning.has(node) ? LEARNED_MAXIMUM : 7 }];
}

/** By what the rows of a node will be multiplied when its nodes of training are folded into it. */
function foldedFactors(trainingNodes: readonly PlacedNode[], behind: string, { learned }: ConstrainedState) {
  const folding = trainingNodes.find((each) => each.behind === behind && each.node.fold !== undefined);
  return folding?.node.fold?.((key) => learned(`${folding.name}.${key}`)).factors;
}
