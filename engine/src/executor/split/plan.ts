import {
  type Model,
  type ResolvedGraph,
  type ResolvedNode,
  resolveGraph,
  SpikewireError,
  type Wiring,
  wire,
} from '@spikewire/models';
import type { Abilities } from '../abilities.ts';
import type { ExecutorSource, Placement } from '../executor.ts';
import { misfitsOf } from '../misfits.ts';
import { type Cut, cutOf } from './cut.ts';
import { linksOf } from './links.ts';
import { type PartModel, partModel } from './part-model.ts';

/** How a model lies on a board and here. */
export interface SplitPlan {
  readonly graph: ResolvedGraph;
  readonly cut: Cut;
  /** By part. */
  readonly parts: readonly PartModel[];
  /** Why populations are not on the board, by index. */
  readonly reasons: ReadonlyMap<number, string>;
}

/**
 * Takes populations onto the board in the order of a step, as long as all of them together are one net that its
 * abilities allow. An Output is on the board where all that lead to it are.
 */
export function planSplit(model: Model, abilities: Abilities): SplitPlan {
  const graph = resolveGraph(model.graph, model.semantics);
  const wiring = wire(graph);
  const onBoard = new Set<number>();
  const reasons = new Map<number, string>();
  for (const group of inseparable(model, wiring)) {
    const reason = reasonAgainst(model, wiring, new Set([...onBoard, ...group]), abilities);
    for (const node of group) {
      if (reason === undefined) onBoard.add(node);
      else reasons.set(node, reason);
    }
  }
  return { graph, ...cutIn(model, wiring, onBoard), reasons };
}

/**
 * Populations that must be on one side, in the order of a step: each for itself, but in an integer model a read-out
 * with what it leads to. It hands on −128 … 127, and an Input takes −127 … 127.
 */
function inseparable(model: Model, wiring: Wiring): readonly number[][] {
  const { nodes } = wiring.graph;
  const groups = new Map<number, number[]>();
  for (const [index, { kind }] of nodes.entries()) if (kind.role === 'neuron') groups.set(index, [index]);
  for (const { source, target } of linksOf(wiring)) {
    const [one, other] = [groups.get(source), groups.get(target)];
    if (model.quantization === undefined || one === undefined || other === undefined || one === other) continue;
    if (!isReadOut(nodes[source]!)) continue;
    one.push(...other);
    for (const node of other) groups.set(node, one);
  }
  return [...new Set(groups.values())];
}

function isReadOut({ kind }: ResolvedNode): boolean {
  return kind.role === 'neuron' && kind.emits === 'state';
}

/** The parts with these populations on the board. Throws `unsupported` where they cannot be. */
function cutIn(model: Model, wiring: Wiring, onBoard: ReadonlySet<number>): Pick<SplitPlan, 'cut' | 'parts'> {
  const { nodes } = wiring.graph;
  const links = linksOf(wiring);
  const isHeardHere = new Set(links.flatMap(({ source, target }) => (onBoard.has(source) ? [] : [target])));
  const cut = cutOf(wiring, (node) =>
    nodes[node]!.kind.role === 'output' ? !isHeardHere.has(node) : onBoard.has(node),
  );
  const graded = cut.crossing.find(({ source }) => model.quantization !== undefined && isReadOut(nodes[source]!));
  if (graded !== undefined)
    throw new SpikewireError(
      'unsupported',
      `node "${nodes[graded.source]!.name}"`,
      'sends −128 … 127 to the other side, where an Input of an integer model takes −127 … 127',
      'both on one side',
    );
  const parts = cut.parts.map((_, k) => partModel(model, wiring, cut, k));
  refuseSharedLearning(model, parts);
  return { cut, parts };
}

/** Why these populations cannot be on the board together; undefined where they can. */
function reasonAgainst(
  model: Model,
  wiring: Wiring,
  onBoard: ReadonlySet<number>,
  abilities: Abilities,
): string | undefined {
  if (abilities.late) return `it answers ${abilities.late} steps late, and a split cannot wait for that`;
  try {
    const { cut, parts } = cutIn(model, wiring, onBoard);
    const boards = parts.filter((_, k) => cut.parts[k]!.onBoard);
    if (boards.length > 1) return 'would be a second net on the board, behind nodes that are here';
    const part = boards[0]!.model;
    const { problems, ofNodes } = misfitsOf(abilities, part, resolveGraph(part.graph, part.semantics));
    const [problem] = [...problems, ...[...ofNodes].map(([name, misfit]) => `"${name}" ${misfit}`)];
    return problem;
  } catch (problem) {
    if (problem instanceof SpikewireError) return problem.message;
    throw problem;
  }
}

/** Why no split can be: a line where nothing lies on the board; undefined where something does. */
export function problemOf({ cut, reasons }: SplitPlan, board: string): string | undefined {
  if (cut.parts.some(({ onBoard }) => onBoard)) return undefined;
  const [reason = 'no population fits'] = reasons.values();
  return `no population that fits on ${board}: ${reason}`;
}

/** Indices of the nodes that lie on the board, wholly or beside here. */
export function nodesOnBoard({ cut, parts }: SplitPlan): ReadonlySet<number> {
  const nodes = cut.parts.map(({ onBoard, targets }, k) => (onBoard ? [...targets, ...parts[k]!.connections] : []));
  return new Set(nodes.flat());
}

/** What learns must be in one place. */
function refuseSharedLearning(model: Model, parts: readonly PartModel[]): void {
  for (const name of model.learning.keys()) {
    if (parts.filter((part) => part.model.graph.nodes.has(name)).length < 2) continue;
    throw new SpikewireError('unsupported', `node "${name}"`, 'learns and leads to both sides', 'one side');
  }
}

/** For people: which node lies where, why not on the board, and what does not fit here either. */
export function placementOf(plan: SplitPlan, executor: string, sides: Sides): Placement {
  const { graph, cut, parts, reasons } = plan;
  const sideOf = (node: number): string => {
    const within = cut.parts.filter(({ targets }, k) => targets.includes(node) || parts[k]!.connections.includes(node));
    const names = new Set(within.map(({ onBoard }) => (onBoard ? sides.board : sides.here).name));
    return [...names].join(' and ') || sides.here.name;
  };
  const misfits = parts
    .filter((_, k) => !cut.parts[k]!.onBoard)
    .map(({ model }) => misfitsOf(sides.here.abilities, model, resolveGraph(model.graph, model.semantics)));
  const problem = problemOf(plan, sides.board.name);
  const problems = [
    ...new Set([...(problem === undefined ? [] : [problem]), ...misfits.flatMap((each) => each.problems)]),
  ];
  const ofNodes = new Map(misfits.flatMap((misfit) => [...misfit.ofNodes]));
  const nodes = graph.nodes.map(({ name, node: { type } }, index) => {
    const [because, problem] = [reasons.get(index), ofNodes.get(name)];
    const [why, misfit] = [because === undefined ? {} : { because }, problem === undefined ? {} : { problem }];
    return { name, type, on: sideOf(index), ...why, ...misfit };
  });
  return { executor, fits: problems.length + ofNodes.size === 0, nodes, problems };
}

/** The two sides of a split. */
export interface Sides {
  readonly board: Pick<ExecutorSource, 'name' | 'abilities'>;
  readonly here: Pick<ExecutorSource, 'name' | 'abilities'>;
}
