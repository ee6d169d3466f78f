import { elementCount, type Model, RandomGenerator, resolveGraph } from '@spikewire/models';
import { simulate } from '../simulate/simulate.ts';

/** The random input on which two models are compared: a spike of an input in a step with this probability. */
const [STEPS, RATE, SEED] = [500, 0.1, 1];

type Spikes = readonly (readonly number[])[];

/** A line for each population: how many of its spikes differ between two models on the same seeded random input. */
export function lossLines(model: Model, other: Model): string[] {
  const [before, after] = [spikesOf(model), spikesOf(other)];
  const nodes = resolveGraph(model.graph, model.semantics).nodes.filter(
    ({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes',
  );
  return nodes.map(({ name }) => {
    // Formats that keep nodes in folders have a dot in place of a "/".
    const renamed = after[name] ?? after[name.replaceAll('/', '.')] ?? [];
    const percent = (100 * differing(before[name] ?? [], renamed)).toFixed(2);
    return `node "${name}": ${percent} % of its spikes differ on random input (${STEPS} steps, seed ${SEED})`;
  });
}

function spikesOf(model: Model): Readonly<Record<string, Spikes>> {
  const { nodes } = resolveGraph(model.graph, model.semantics);
  const random = new RandomGenerator(SEED, 'nearest');
  const inputs = nodes.filter(({ kind }) => kind.role === 'input').toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const input = Object.fromEntries(inputs.map(({ name, shape }) => [name, randomSpikes(elementCount(shape), random)]));
  return simulate(model, { dt: model.semantics.dt, steps: STEPS, input }, { record: [{ what: 'spikes' }] }).spikes;
}

function randomSpikes(size: number, random: RandomGenerator): [number, number][] {
  const events: [number, number][] = [];
  for (let step = 0; step < STEPS; step++) {
    for (let index = 0; index < size; index++) if (random.nextUniform() < RATE) events.push([step, index]);
  }
  return events;
}

/** Spikes that only one of both has, as a share of those that either has. */
function differing(a: Spikes, b: Spikes): number {
  const keys = (spikes: Spikes) => new Set(spikes.map((spike) => spike.join(' ')));
  const [left, right] = [keys(a), keys(b)];
  const either = new Set([...left, ...right]).size;
  const both = [...left].filter((key) => right.has(key)).length;
  return either === 0 ? 0 : (either - both) / either;
}
