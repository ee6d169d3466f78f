import {
  type Graph,
  type GraphNode,
  numbersOf,
  type Semantics,
  SpikewireError,
  scalar,
  type Tensor,
} from '@spikewire/models';
import { withLateEdges } from './back-edges.ts';
import { computed, forced } from './elementwise.ts';
import { mapGraph } from './net.ts';
import { isSpiking } from './primitives.ts';
import type { StepRule } from './step-rule.ts';

/** The step of the NIR paper (Pedersen et al. 2024), in seconds. */
export const USUAL_STEP = 1e-4;
/** A time constant so long counts steps: in seconds nobody has one. */
const LONGEST_TAU = 1;

const EULER: StepRule['semantics'] = {
  integrate: 'euler',
  threshold: 'gt',
  reset: 'value',
  spikesPerStep: 'one',
};

/** Exact decay, and a spike for each threshold in the membrane. */
const SYNSENSE: StepRule['semantics'] = {
  integrate: 'exact',
  threshold: 'ge',
  reset: 'subtract',
  spikesPerStep: 'many',
};

type Change = (node: GraphNode, place: string) => GraphNode;
type RuleChange = (semantics: Semantics, notes: string[]) => Change;

function changed(graph: Graph, change: Change): Graph {
  return mapGraph(graph, (node, name) => change(node, `node "${name}" (${node.type})`));
}

function withParameters(node: GraphNode, parameters: Readonly<Record<string, Tensor>>): GraphNode {
  return { ...node, parameters: { ...node.parameters, ...parameters } };
}

/** A change that sets parameters of some types, where they have them. */
function sets(framework: string, keys: Readonly<Record<string, readonly string[]>>, value: number) {
  return (notes: string[]): Change =>
    (node, place) =>
      (keys[node.type] ?? []).reduce(
        (each, key) => forced(each, key, scalar(value), `${framework} computes with ${value}`, place, notes),
        node,
      );
}

const RESETS = ['IF', 'LIF', 'CubaLIF'];
const LEAKS = ['LI', 'LIF', 'CubaLI', 'CubaLIF'];
const each = (types: readonly string[], key: string) => Object.fromEntries(types.map((type) => [type, [key]]));

/** Share of the way that a leaky state goes in an exact step. */
const share = (dt: number, tau: number) => -Math.expm1(-dt / tau);

/** The parameters that are time constants of a type. */
const TAUS: Readonly<Record<string, readonly string[]>> = {
  LI: ['tau'],
  LIF: ['tau'],
  CubaLI: ['tau_syn', 'tau_mem'],
  CubaLIF: ['tau_syn', 'tau_mem'],
};

const isInSteps = (node: GraphNode) =>
  (TAUS[node.type] ?? []).some((key) => numbersOf(node, key)?.data.some((tau) => tau >= LONGEST_TAU));

/** What a step adds to a state for an input of 1, from its gain and its time constant in seconds. */
type StepGain = (gain: number, tau: number) => number;

/** Input that Sinabs and Rockpool add to a decaying state whole: without the factor 1 − α of the exact step. */
function unnormalised(node: GraphNode, dt: number, ofMembrane: StepGain, ofCurrent: StepGain): GraphNode {
  const times = (gain: string, tau: string, of: StepGain) =>
    computed(node, [gain, tau], (gain, tau) => of(gain, tau) / share(dt, tau));
  if (node.type === 'LI' || node.type === 'LIF') return withParameters(node, { r: times('r', 'tau', ofMembrane) });
  if (node.type !== 'CubaLI' && node.type !== 'CubaLIF') return node;
  const r = times('r', 'tau_mem', ofMembrane);
  // A file may leave w_in out, which is 1.
  const filled = node.parameters.w_in === undefined ? withParameters(node, { w_in: scalar(1) }) : node;
  const w_in = computed(filled, ['w_in', 'tau_syn'], (gain, tau) => ofCurrent(gain, tau) / share(dt, tau));
  return withParameters(node, { r, w_in });
}

/** The gain that Euler has. */
const eulerGain =
  (dt: number): StepGain =>
  (gain, tau) =>
    (gain * dt) / tau;

const whole: StepGain = () => 1;
const weighted: StepGain = (gain) => gain;

/** Says once per population that its input is not normalised. */
function noteInput(node: GraphNode, framework: string, place: string, notes: string[]): void {
  if (LEAKS.includes(node.type)) notes.push(`${place}.r: ${framework} adds input without the factor 1 − e^(−dt/τ)`);
}

/** Time constants in steps as seconds. */
function inSeconds(node: GraphNode, dt: number, place: string, notes: string[]): GraphNode {
  const keys = TAUS[node.type]!;
  notes.push(
    `${place}: ${keys.join(', ')} of ${LONGEST_TAU} or more in steps of ${dt} s, as Sinabs writes them; r is 1`,
  );
  const taus = keys.map((key): [string, Tensor] => [key, computed(node, [key], (tau) => tau * dt)]);
  return withParameters(node, Object.fromEntries(taus));
}

/** Sinabs: v ← αv + x with α = exp(−dt/τ). What it wrote itself has τ in steps, and takes the input whole. */
function asSinabs({ dt }: Semantics, notes: string[]): Change {
  const plain = [sets('Sinabs', each(RESETS, 'v_reset'), 0), sets('Sinabs', each(LEAKS, 'v_leak'), 0)];
  return (node, place) => {
    const still = plain.reduce((each, change) => change(notes)(each, place), node);
    if (node.type === 'IF') {
      notes.push(`${place}.v_min: Sinabs keeps v at −v_threshold or above`);
      const entire = forced(still, 'r', scalar(1 / dt), 'Sinabs adds the input unscaled, r = 1/dt', place, notes);
      return withParameters(entire, { v_min: computed(node, ['v_threshold'], (theta) => -theta) });
    }
    noteInput(node, 'Sinabs', place, notes);
    if (!isInSteps(still)) return unnormalised(still, dt, eulerGain(dt), eulerGain(dt));
    return unnormalised(inSeconds(still, dt, place, notes), dt, whole, weighted);
  };
}

/** What Rockpool writes as r of a membrane that takes its input whole: the gain of its decayed input, over dt. */
const rockpoolResistance = (tau: number, dt: number) => (tau * Math.exp(-dt / tau)) / dt;

const isClose = (a: number, b: number, tolerance: number) => Math.abs(a - b) <= tolerance * Math.abs(b);

const MEMBRANES: Readonly<Record<string, string>> = { LI: 'tau', LIF: 'tau', CubaLI: 'tau_mem', CubaLIF: 'tau_mem' };

/** r and τ of all membranes with a leak. */
function membranes(graph: Graph): { r: number; tau: number }[] {
  const found: { r: number; tau: number }[] = [];
  mapGraph(graph, (node) => {
    const key = MEMBRANES[node.type];
    if (key === undefined) return node;
    computed(node, ['r', key], (r, tau) => found.push({ r, tau }));
    return node;
  });
  return found;
}

/** The step for which Rockpool would have written these numbers: r = τ·exp(−x)/(x·τ) with x = dt/τ, by Newton. */
function rockpoolStep(graph: Graph): number | undefined {
  const steps = membranes(graph).map(({ r, tau }) => {
    let x = 1 / (1 + r);
    for (let round = 0; round < 8; round++) x -= (Math.log(x) + x + Math.log(r)) / (1 / x + 1);
    return r > 1 ? x * tau : Number.NaN;
  });
  const [first] = steps;
  return first !== undefined && steps.every((step) => isClose(step, first, 1e-4)) ? roundedStep(first) : undefined;
}

/** Without the noise of float32. */
function roundedStep(dt: number): number {
  const rounded = Number(dt.toPrecision(4));
  return isClose(rounded, dt, 1e-5) ? rounded : dt;
}

/** Rockpool: v ← αv + x; what it wrote itself it reads with a gain of 1. */
function asRockpool({ dt }: Semantics, notes: string[]): Change {
  const change = sets('Rockpool', each(RESETS, 'v_reset'), 0)(notes);
  const ofEuler = eulerGain(dt);
  const ofMembrane: StepGain = (r, tau) => (isClose(r, rockpoolResistance(tau, dt), 1e-3) ? 1 : ofEuler(r, tau));
  return (node, place) => {
    noteInput(node, 'Rockpool', place, notes);
    return unnormalised(change(node, place), dt, ofMembrane, ofEuler);
  };
}

/** Says where r and τ are those that Rockpool writes for another step: then its input has another gain. */
function noteOtherStep(adapted: Graph, notes: string[], file: Graph, { dt }: Semantics): Graph {
  const own = rockpoolStep(file);
  if (own !== undefined && !isClose(own, dt, 1e-3))
    notes.push(`r and tau are as Rockpool writes them for steps of ${own} s: with ${dt} s the gain is r·dt/tau, not 1`);
  return adapted;
}

/** Frameworks that subtract take the whole threshold from the membrane, wherever a file resets to. */
export function subtractingThreshold(graph: Graph, notes: string[]): Graph {
  return changed(graph, sets('reset by subtraction', each(RESETS, 'v_reset'), 0)(notes));
}

/** Spyx: compares what the step before left, and then takes the threshold from the membrane that has decayed. */
function asSpyx({ dt, reset, integrate }: Semantics, notes: string[]): Change {
  const change = sets('Spyx', each(LEAKS, 'v_leak'), 0)(notes);
  return (node, place) => {
    if (!RESETS.includes(node.type) || reset === 'value') return change(node, place);
    const key = MEMBRANES[node.type];
    const late = computed(node, key === undefined ? ['v_threshold'] : ['v_threshold', key], (theta, tau) =>
      tau === undefined ? 0 : theta * (1 - 1 / remaining(dt / tau, integrate, place)),
    );
    return change(forced(node, 'v_reset', late, 'Spyx subtracts the threshold one step late', place, notes), place);
  };
}

/**
 * What a step leaves of a membrane. Throws `parameter` where that is nothing, from which nothing is subtracted late.
 */
function remaining(steps: number, integrate: Semantics['integrate'], place: string): number {
  const share = integrate === 'euler' ? 1 - steps : Math.exp(-steps);
  if (share > 0) return share;
  throw new SpikewireError(
    'parameter',
    place,
    'has a time constant not above dt, which Spyx cannot have',
    'a shorter dt',
  );
}

const isWeighted = ({ parameters }: GraphNode) => parameters.weight !== undefined;

const usual = () => USUAL_STEP;

function rule(
  name: string,
  summary: string,
  semantics: Omit<Semantics, 'dt'>,
  dt: StepRule['dt'] = usual,
  change: RuleChange = () => (node) => node,
  link: (graph: Graph, notes: string[], file: Graph, step: Semantics) => Graph = (graph) => graph,
): StepRule {
  const adapt: StepRule['adapt'] = (graph, step, notes) =>
    link(changed(graph, change(step, notes)), notes, graph, step);
  return { name, summary, semantics, dt, adapt };
}

/** Changes one after the other. */
const all =
  (...changes: readonly ((notes: string[]) => Change)[]) =>
  (_semantics: Semantics, notes: string[]): Change =>
  (node, place) =>
    changes.reduce((each, change) => change(notes)(each, place), node);

function lateSpikes(graph: Graph, notes: string[]): Graph {
  notes.push('edges of populations that spike take a step more, as in Spyx');
  return withLateEdges(graph, (source) => isSpiking(source.type));
}

function lateWeights(graph: Graph, notes: string[]): Graph {
  notes.push('edges to weights take a step more, as in Lava');
  return withLateEdges(graph, (_source, target) => isWeighted(target));
}

/** SpikingJelly lets the membrane leak to where a spike resets it. */
const leaksToReset =
  (notes: string[]): Change =>
  (node, place) =>
    node.type === 'LIF'
      ? forced(
          node,
          'v_leak',
          computed(node, ['v_reset'], (v) => v),
          'SpikingJelly leaks to v_reset',
          place,
          notes,
        )
      : node;

/**
 * The step of each framework: as its converter has it, and as the voltages and spikes show that the NIR paper publishes
 * for one LIF neuron (`test/golden/nir-rules.test.ts` compares them).
 */
export const stepRules: readonly StepRule[] = [
  rule(
    'norse',
    'Euler; r of LIF and LI counts as 1',
    EULER,
    () => 1e-3,
    all(sets('Norse', each(['LIF', 'LI'], 'r'), 1)),
  ),
  rule(
    'snntorch',
    'Euler; rests at 0 and resets to 0',
    EULER,
    usual,
    all(sets('snnTorch', each(LEAKS, 'v_leak'), 0), sets('snnTorch', each(RESETS, 'v_reset'), 0)),
  ),
  rule('spikingjelly', 'Euler; spikes at v ≥ v_threshold', { ...EULER, threshold: 'ge' }, usual, all(leaksToReset)),
  rule(
    'sinabs',
    'exact decay, input added unscaled, several spikes per step, reset by subtraction',
    SYNSENSE,
    usual,
    asSinabs,
  ),
  rule(
    'rockpool',
    'as Sinabs; dt is computed from r and tau, if Rockpool wrote them',
    SYNSENSE,
    rockpoolStep,
    asRockpool,
    noteOtherStep,
  ),
  rule(
    'nengo',
    'exact; resets to 0',
    { ...EULER, integrate: 'exact' },
    () => 1e-3,
    all(sets('Nengo', each(RESETS, 'v_reset'), 0)),
  ),
  rule(
    'lava',
    'Euler; resets to 0; weights are applied one step later',
    EULER,
    usual,
    all(sets('Lava', each(RESETS, 'v_reset'), 0)),
    lateWeights,
  ),
  rule(
    'spyx',
    'Euler; spikes one step later, reset by subtraction',
    { ...EULER, reset: 'subtract' },
    usual,
    asSpyx,
    lateSpikes,
  ),
  rule('spinnaker2', 'Euler', EULER),
];
