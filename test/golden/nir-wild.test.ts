import { readFileSync } from 'node:fs';
import { formats } from '@spikewire/exchange/formats';
import {
  broadcast,
  type CheckedReading,
  elementCount,
  type GraphNode,
  type Model,
  type ParameterValue,
  type ReadingChoices,
  readWith,
  resolveGraph,
  SpikewireError,
  type StepChoices,
  scalar,
} from '@spikewire/models';
import { referenceEngine, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { goldenFiles, readGolden } from './data.ts';

interface Numbers {
  readonly shape: readonly number[];
  readonly data?: readonly number[];
  readonly fill?: number;
}

interface Run {
  readonly dt: number;
  readonly rule: {
    readonly method: 'euler' | 'exact';
    readonly spike: '>' | '>=';
    readonly reset: 'value' | 'subtract';
  };
  readonly back_edges: readonly (readonly [string, string])[];
  readonly steps: number;
  readonly input: Readonly<Record<string, { readonly events: readonly (readonly [number, number, number])[] }>>;
  readonly expected: Readonly<Record<string, { readonly spikes: readonly (readonly [number, number])[] }>>;
  readonly spike_counts: Readonly<Record<string, number>>;
  readonly v_last: Readonly<Record<string, readonly number[]>>;
  readonly note?: string;
}

/** What the JSON beside a file says of it (`data/README.md`). */
interface Case {
  readonly importer: {
    readonly action: 'read' | 'repair' | 'refuse' | 'repair-or-refuse' | 'read-or-refuse';
    readonly repairs?: readonly { readonly node?: string; readonly edge?: readonly string[] }[];
    readonly warn?: { readonly node: string };
    readonly message_must_contain?: readonly string[];
  };
  readonly metadata?: unknown;
  readonly graph: {
    readonly nodes: Readonly<Record<string, { type: string; params: Readonly<Record<string, Numbers | string>> }>>;
    readonly edges: readonly (readonly [string, string])[];
  };
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly runs: readonly Run[];
}

const format = formats.find(({ name }) => name === 'nir')!;
const names = goldenFiles('nir-wild')
  .filter((file) => file.endsWith('.nir'))
  .map((file) => file.replace('.nir', ''));
const caseOf = (name: string) => readGolden(`nir-wild/${name}.json`) as Case;
const bytesOf = (name: string) => readFileSync(new URL(`data/nir-wild/${name}.nir`, import.meta.url));
const isRead = (name: string) => caseOf(name).importer.action !== 'refuse';

/** The rule in parts, so that nothing is guessed. */
const plain: StepChoices = { dt: 1e-4, integrate: 'euler', threshold: 'gt', reset: 'value', spikesPerStep: 'one' };

const read = (name: string, choices: ReadingChoices) => readWith(format, bytesOf(name), {}, choices) as CheckedReading;

/** The numbers of a parameter, one for each neuron where the file had one for all. */
function fullNumbers(value: ParameterValue | undefined, size: number): readonly number[] | string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return Array.from(broadcast(value, size));
}

/** Defaults of models where a file leaves a parameter out. */
const ABSENT: Readonly<Record<string, number>> = { v_reset: 0, w_in: 1 };

describe('files of the wild', () => {
  it.each(names.filter(isRead))('%s is read as it says', (name) => {
    const { importer, graph: expected, shapes = {} } = caseOf(name);
    const { model, notes } = read(name, { step: plain });
    const graph = resolveGraph(model.graph, model.semantics);
    const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
    const isBetaOne = name === 'snn-beta-one';
    expect([...nodes.keys()].toSorted()).toEqual(Object.keys(expected.nodes).toSorted());
    for (const [key, { type, params }] of Object.entries(expected.nodes)) {
      const node = nodes.get(key)!;
      const isTerminal = node.node.type === 'Relay';
      expect(isTerminal ? type : node.node.type, key).toBe(
        isTerminal ? node.node.parameters.shape && type : isBetaOne && type === 'LIF' ? 'IF' : type,
      );
      if (isBetaOne && type === 'LIF') continue;
      for (const [parameter, numbers] of Object.entries(params)) {
        const where = `${key}.${parameter}`;
        const value = node.node.parameters[parameter];
        if (typeof numbers === 'string') {
          expect(value, where).toBe(numbers);
          continue;
        }
        const size = elementCount(numbers.shape);
        const wanted = numbers.data ?? new Array<number>(size).fill(numbers.fill!);
        const known = fullNumbers(value, size) ?? whatArrives(parameter, node.inputShape, size);
        expect(known, where).toEqual(wanted);
      }
    }
    const edges = graph.edges.map(({ source, target }) => [graph.nodes[source]!.name, graph.nodes[target]!.name]);
    expect(edges.toSorted(), 'edges').toEqual(expected.edges.toSorted());
    for (const [key, shape] of Object.entries(shapes)) expect(nodes.get(key)!.shape, key).toEqual(shape);

    const said = notes.filter((note) => !note.includes('closes a cycle'));
    for (const { node, edge } of importer.repairs ?? []) {
      const place = node === undefined ? `edge "${edge!.join('"→"')}"` : `node "${node}"`;
      expect(
        said.some((note) => note.includes(place)),
        place,
      ).toBe(true);
    }
    if (importer.warn !== undefined) expect(said).toEqual([expect.stringContaining(`node "${importer.warn.node}"`)]);
    else if (importer.action === 'read')
      expect(said.filter((note) => !/^metadata|starts at v_leak/.test(note))).toEqual([]);
  });

  it.each(names.filter((name) => !isRead(name)))('%s is refused', (name) => {
    let message = '';
    try {
      read(name, {});
    } catch (error) {
      if (!(error instanceof SpikewireError)) throw error;
      message = error.message;
    }
    for (const part of caseOf(name).importer.message_must_contain!) expect(message).toContain(part);
    expect(message).not.toContain('\n');
  });

  const runs = names
    .filter(isRead)
    .flatMap((name) => caseOf(name).runs.map((run, index) => ({ name, index, run })))
    // Where an edge that stands twice counts twice.
    .filter(({ run }) => run.note?.startsWith('duplicate counted twice') !== true);

  it.each(runs)('$name, run $index, gives its spikes and membranes', ({ name, run }) => {
    const { dt, steps, rule } = run;
    const step: StepChoices = {
      dt,
      integrate: rule.method,
      threshold: rule.spike === '>' ? 'gt' : 'ge',
      reset: rule.reset,
      spikesPerStep: 'one',
    };
    const { model } = read(name, { step });
    expect(lateEdges(model).toSorted()).toEqual(run.back_edges.toSorted());
    const input = Object.fromEntries(Object.entries(run.input).map(([node, { events }]) => [node, events]));
    const answer = simulate(
      fromZero(model),
      { dt, steps, input },
      { engine: referenceEngine, record: [{ what: 'spikes' }, { what: 'v' }] },
    );
    for (const [node, { spikes }] of Object.entries(run.expected)) expect(answer.spikes[node], node).toEqual(spikes);
    for (const [node, count] of Object.entries(run.spike_counts)) expect(answer.spikes[node], node).toHaveLength(count);
    for (const [node, last] of Object.entries(run.v_last)) {
      const v = answer.traces[node]!.v!.at(-1)!;
      for (const [i, value] of last.entries()) expect(Math.abs(v[i]! - value), `${node}[${i}]`).toBeLessThan(1e-9);
    }
  });

  it('takes the only lost population for an unknown end where it may', () => {
    const { model, notes } = read('dangling-edge', { repair: true, step: plain });
    expect(model.graph.edges.map(({ source, target }) => `${source} ${target}`).toSorted()).toEqual([
      'fc1 lif1',
      'input fc1',
      'lif1 output',
    ]);
    expect(notes).toEqual(notes.filter((note) => note.includes('no node "lif"; taken as "lif1"')));
    expect(notes.length).toBeGreaterThan(0);
  });

  it('keeps metadata, and says what in it is ignored', () => {
    const { model, notes } = read('reset-hint-metadata', {});
    expect((model.provenance.nir as { metadata: unknown }).metadata).toEqual(caseOf('reset-hint-metadata').metadata);
    expect(model.semantics.reset).toBe('value');
    expect(notes).toContainEqual(
      expect.stringMatching(/metadata of node "lif" says .*reset "subtract": ignored; --dt/),
    );
  });
});

/** What a file may leave to the graph. */
function whatArrives(parameter: string, shape: readonly number[], size: number): readonly number[] | undefined {
  if (parameter === 'input_shape') return shape.slice(1);
  if (parameter === 'input_type' || parameter === 'shape') return shape;
  return ABSENT[parameter] === undefined ? undefined : new Array<number>(size).fill(ABSENT[parameter]!);
}

function lateEdges(model: Model): [string, string][] {
  const { nodes, edges } = resolveGraph(model.graph, model.semantics);
  return edges.filter(({ delay }) => delay > 0).map(({ source, target }) => [nodes[source]!.name, nodes[target]!.name]);
}

/** Its answers are those of membranes that start at 0, and here they start at v_leak. */
function fromZero(model: Model): Model {
  const nodes = [...model.graph.nodes].map(([name, node]): [string, GraphNode] => {
    if (!('v_leak' in node.parameters)) return [name, node];
    return [name, { ...node, parameters: { ...node.parameters, v_initial: scalar(0) } }];
  });
  return { ...model, graph: { ...model.graph, nodes: new Map(nodes) } };
}
