import {
  elementCount,
  type Model,
  type ResolvedGraph,
  readAnyModel,
  resolveGraph,
  SpikewireError,
} from '@spikewire/models';
import type { BoardOptions, ExecutorSource } from 'spikewire/accelerators';
import { type BoardAddress, readAddress, readNetworkFile } from './board-address.ts';
import { BoardClock } from './board-clock.ts';
import type { BoardPopulation } from './board-network.ts';
import { standsForBoard } from './model-of-network.ts';
import { readWord } from './replies.ts';
import { NO_P2P, setTag } from './requests.ts';
import { ScpLink, usualLink } from './scp-link.ts';
import { openSpinnakerNet, type SpinnakerBoard } from './spinnaker-net.ts';
import { ToolChain } from './tool-chain.ts';

/** Within which spikes usually come from a board, in seconds. */
const USUAL_LATE = 0.005;
/** After which a tag is set again, in milliseconds (live_event_connection.py). */
const REFRESH_MS = 10_000;

type Placement = Awaited<ReturnType<NonNullable<ExecutorSource['placement']>>>;

/** What a driver may use of whoever opens a board, and its clock: that of this machine where absent. */
type SpinnakerOptions = BoardOptions & Partial<Pick<SpinnakerBoard, 'clockOf'>>;

/** Opens `HOST?network=FILE`. Rejects with `unsupported` or `file` where the board or the network is missing. */
export async function openSpinnakerBoard(
  rest: string,
  { warn = () => {}, clockOf = (milliseconds) => new BoardClock(milliseconds) }: SpinnakerOptions = {},
): Promise<ExecutorSource> {
  const address = readAddress(rest);
  const tools =
    address.listen === undefined ? undefined : await ToolChain.listen(address.listen.port, address.listen.host);
  let link: ScpLink | undefined;
  try {
    const network = await networkOf(rest, address, tools);
    link = await openLink(rest, address, network.board);
    const late = address.late ?? Math.max(1, Math.ceil(USUAL_LATE / (network.timeStep * network.slowdown)));
    const board: SpinnakerBoard = { name: link.name, link, network, tools, address, late, clockOf, warn };
    await pointTags(board);
    tools?.confirm();
    return sourceOf(board);
  } catch (problem) {
    await Promise.all([link?.close(), tools?.close()]);
    throw problem;
  }
}

async function networkOf(rest: string, { network, wait, step }: BoardAddress, tools: ToolChain | undefined) {
  const said = await tools?.database(wait);
  const path = network ?? said;
  if (path !== undefined) return readNetworkFile(path, step);
  throw new SpikewireError('usage', `spinnaker:${rest}`, 'names no network', 'network=<file>, or listen');
}

export function openLink(rest: string, address: BoardAddress, board?: string): Promise<ScpLink> {
  const host = address.host ?? board;
  if (host === undefined) throw new SpikewireError('usage', `spinnaker:${rest}`, 'names no host', 'the board');
  return ScpLink.open(host, address.port, { ...usualLink, timeout: address.timeout });
}

/** Lets the spikes of all populations come to this socket. */
async function pointTags({ link, network }: SpinnakerBoard): Promise<void> {
  const tags = new Set(network.populations.flatMap(({ tag }) => tag ?? []));
  for (const tag of tags) {
    const answered = readWord(await link.request({ ...setTag(tag), flags: NO_P2P }));
    if (answered !== tag)
      throw new SpikewireError('unsupported', link.name, `answers tag ${answered} where ${tag} was set`, `${tag}`);
  }
}

function sourceOf(board: SpinnakerBoard): ExecutorSource {
  const { name, link, tools, late } = board;
  let isTaken = false;
  // A board that does not answer is told by the link to whoever wants the next window.
  const refresh = setInterval(() => void pointTags(board).catch(() => {}), REFRESH_MS).unref();
  return {
    name,
    abilities: {
      // Two would read and feed the same populations.
      nets: 1,
      weightBits: [32, 8, 4],
      rules: [],
      states: 'learned',
      late,
      // The net on the board is that of its tool chain, whatever the model says.
      tolerance: { membrane: 1, spikes: 1 },
      runs: 'windows',
    },
    get isGone() {
      return link.isGone;
    },
    placement: async (model) => placementOn(board, model, isTaken),
    async open(bytes) {
      const model = readAnyModel(bytes);
      if (link.isGone) await link.expectMonitor();
      refuse(name, placementOn(board, model, false));
      await link.expectMonitor();
      if (isTaken) throw new SpikewireError('budget', name, 'runs its net for another model', 'one at a time');
      isTaken = true;
      return openSpinnakerNet(board, model, () => {
        isTaken = false;
      });
    },
    async close() {
      clearInterval(refresh);
      await Promise.all([link.close(), tools?.close()]);
    },
  };
}

/** A model that only stands for the net fits nowhere but on a free board: another engine would give silence. */
function placementOn(board: SpinnakerBoard, model: Model, isTaken: boolean): Placement {
  const graph = resolveGraph(model.graph, model.semantics);
  const ofNodes = new Map(matchesOf(board, graph).map(({ node, problem }) => [node, problem]));
  const isAlone = (board.link.isGone || isTaken) && standsForBoard(graph);
  const state = board.link.isGone ? 'is lost' : 'runs its net for another model';
  const problems = [...problemsOf(board, model), ...(isAlone ? [`no other place than the board, which ${state}`] : [])];
  const nodes = graph.nodes.map(({ name, node: { type } }) => {
    const problem = ofNodes.get(name);
    return problem === undefined ? { name, type } : { name, type, problem };
  });
  return { executor: board.name, fits: problems.length + ofNodes.size === 0, nodes, problems };
}

function refuse(name: string, { problems, nodes }: Placement): void {
  const [first] = problems;
  if (first !== undefined) throw new SpikewireError('unsupported', 'model', `has ${first}`, `a model for ${name}`);
  for (const { name: node, problem } of nodes) {
    if (problem === undefined) continue;
    throw new SpikewireError('unsupported', `node "${node}"`, problem, `a model for ${name}`);
  }
}

/** What a model wants that no window on a board can be. */
function problemsOf({ network, late }: SpinnakerBoard, { semantics, sample, learning }: Model): string[] {
  const isSame = Math.abs(semantics.dt - network.timeStep) <= 1e-6 * network.timeStep;
  const [learned] = learning.keys();
  return [
    ...(isSame ? [] : [`steps of ${semantics.dt} s; the board has steps of ${network.timeStep} s`]),
    ...(late < sample.steps ? [] : [`samples of ${sample.steps} steps; it answers ${late} steps late`]),
    ...(sample.between === 'continue' ? [] : ['samples that begin with fresh membranes; it cannot reset them']),
    ...(learned === undefined ? [] : [`the rule of "${learned}"; it learns by nothing`]),
  ];
}

/** Inputs and Outputs whose population the board has not; a line each. */
function matchesOf({ network: { populations }, address }: SpinnakerBoard, { nodes }: ResolvedGraph) {
  return nodes.flatMap(({ name, kind, shape }) => {
    const end = kind.role === 'input' ? ENDS.input : kind.role === 'output' ? ENDS.output : undefined;
    if (end === undefined) return [];
    const possible = populations.filter(end.has);
    const found = possible.find(({ label }) => label === name);
    const size = elementCount(shape);
    if (found?.keys.length === size && kind.role === 'input' && address.inject === 'neurons' && size > MOST_NUMBERS)
      return [
        {
          node: name,
          problem: `has ${size} elements; numbers of neurons end at ${MOST_NUMBERS}, inject=keys has more`,
        },
      ];
    if (found?.keys.length === size) return [];
    if (found !== undefined)
      return [{ node: name, problem: `has ${size} elements; the population has ${found.keys.length} neurons` }];
    const known = possible.map(({ label, keys }) => `"${label}" (${keys.length})`).join(', ') || 'none';
    return [{ node: name, problem: `is not a population of the board that ${end.does} spikes; it has ${known}` }];
  });
}

/** Neurons that 16 bits tell apart. */
const MOST_NUMBERS = 65_536;

const ENDS = {
  input: { does: 'takes', has: ({ core }: BoardPopulation) => core !== undefined },
  output: { does: 'sends', has: ({ tag }: BoardPopulation) => tag !== undefined },
};
