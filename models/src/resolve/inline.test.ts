import { describe, expect, it } from 'vitest';
import { parseModel } from '../file/text/model.ts';
import { inlineSubgraphs } from './inline.ts';

type Nodes = Record<string, Record<string, unknown>>;

function inline(nodes: Nodes, edges: readonly unknown[]) {
  const flat = inlineSubgraphs(parseModel({ nodes, edges }, { check: false }).graph);
  return {
    nodes: [...flat.nodes].map(([name, { type }]) => `${name}:${type}`),
    edges: flat.edges.map(({ source, target, delay, port }) =>
      [`${source}→${target}`, ...(delay > 0 ? [delay] : []), ...(port ? [port] : [])].join(' '),
    ),
    graph: flat,
  };
}

const input = { type: 'Input', shape: [2] };
const output = { type: 'Output', shape: [2] };
const lif = { type: 'LIF', tau: 0.02, v_threshold: 1 };
const recurrent = {
  type: 'NIRGraph',
  nodes: {
    input,
    lif,
    w_rec: {
      type: 'Linear',
      weight: [
        [0, 1],
        [1, 0],
      ],
    },
    output,
  },
  edges: [
    ['input', 'lif'],
    ['lif', 'w_rec', { delay: 1 }],
    ['w_rec', 'lif'],
    ['lif', 'output'],
  ],
};
const twoSided = {
  type: 'NIRGraph',
  nodes: { left: input, right: input, sum: output, echo: output },
  edges: [
    ['left', 'sum'],
    ['right', 'sum'],
    ['right', 'echo'],
  ],
};

describe('inlineSubgraphs', () => {
  it('takes a dot in a name as a character: the flat encoding', () => {
    const flat = inline({ in: input, 'lif1.lif': lif, 'lif1.w_rec': recurrent.nodes.w_rec, out: output }, [
      ['in', 'lif1.lif'],
      ['lif1.lif', 'lif1.w_rec', { delay: 1 }],
      ['lif1.w_rec', 'lif1.lif'],
      ['lif1.lif', 'out'],
    ]);
    expect(flat.nodes).toEqual(['in:Input', 'lif1.lif:LIF', 'lif1.w_rec:Linear', 'out:Output']);
    expect(flat.edges).toEqual(['in→lif1.lif', 'lif1.lif→lif1.w_rec 1', 'lif1.w_rec→lif1.lif', 'lif1.lif→out']);
  });

  it('leads an edge to a sub-graph to its Input and from its Output: the nested encoding', () => {
    const flat = inline({ in: input, lif1: recurrent, out: output }, [
      ['in', 'lif1', { delay: 3 }],
      ['lif1', 'out'],
    ]);
    expect(flat.nodes).toEqual([
      'in:Input',
      'lif1/input:Relay',
      'lif1/lif:LIF',
      'lif1/w_rec:Linear',
      'lif1/output:Relay',
      'out:Output',
    ]);
    expect(flat.edges).toEqual([
      'lif1/input→lif1/lif',
      'lif1/lif→lif1/w_rec 1',
      'lif1/w_rec→lif1/lif',
      'lif1/lif→lif1/output',
      'in→lif1/input 3',
      'lif1/output→out',
    ]);
  });

  it('reads A.B and a port as the name of an Input: the port encoding', () => {
    const byDot = inline({ in: input, G: twoSided, out: output }, [
      ['in', 'G.left'],
      ['G.echo', 'out'],
    ]);
    expect(byDot.edges.slice(-2)).toEqual(['in→G/left', 'G/echo→out']);
    const byPort = inline({ in: input, G: twoSided, out: output }, [
      ['in', 'G', { port: 'right' }],
      ['G.sum', 'out'],
    ]);
    expect(byPort.edges.slice(-2)).toEqual(['in→G/right', 'G/sum→out']);
  });

  it('prefers a node of the exact name, then the first dot behind which there is a sub-graph', () => {
    const exact = inline({ in: input, G: twoSided, 'G.left': lif }, [['in', 'G.left']]);
    expect(exact.edges.at(-1)).toBe('in→G.left');
    const dotted = inline({ in: input, 'a.b': twoSided }, [['in', 'a.b.left']]);
    expect(dotted.edges.at(-1)).toBe('in→a.b/left');
  });

  it('descends through sub-graphs of sub-graphs', () => {
    const outer = {
      type: 'NIRGraph',
      nodes: { input, inner: twoSided, output },
      edges: [
        ['input', 'inner.left'],
        ['inner.sum', 'output'],
      ],
    };
    const flat = inline({ in: input, outer, out: output }, [
      ['in', 'outer'],
      ['outer', 'out'],
      ['in', 'outer.inner.right'],
      ['outer.inner.echo', 'out'],
    ]);
    expect(flat.nodes).toContain('outer/inner/left:Relay');
    expect(flat.edges.slice(-6)).toEqual([
      'outer/input→outer/inner/left',
      'outer/inner/sum→outer/output',
      'in→outer/input',
      'outer/output→out',
      'in→outer/inner/right',
      'outer/inner/echo→out',
    ]);
  });

  it('hands the semantics of a sub-graph to the nodes inside, which may override them', () => {
    const nodes = {
      input,
      a: { ...lif, semantics: { threshold: 'ge' } },
      b: { ...lif, semantics: { reset: 'value' } },
      c: input,
    };
    const inner = { type: 'NIRGraph', semantics: { reset: 'subtract' }, nodes, edges: [] };
    const { graph } = inline({ sub: { type: 'NIRGraph', nodes: { inner }, edges: [] } }, []);
    expect(graph.nodes.get('sub/inner/a')!.semantics).toEqual({ reset: 'subtract', threshold: 'ge' });
    expect(graph.nodes.get('sub/inner/b')!.semantics).toEqual({ reset: 'value' });
  });

  it('keeps the port of an edge to a node', () => {
    expect(inline({ in: input, cell: lif }, [['in', 'cell', { port: 'inhibitory' }]]).edges).toEqual([
      'in→cell inhibitory',
    ]);
  });

  it.each<[what: string, nodes: Nodes, edge: unknown[], message: string]>([
    [
      'a sub-graph with several Inputs and none named',
      { in: input, G: twoSided },
      ['in', 'G'],
      'edge "in"→"G": does not say which Input of the sub-graph; expected one of left, right',
    ],
    [
      'a sub-graph with several Outputs and none named',
      { out: output, G: twoSided },
      ['G', 'out'],
      'edge "G"→"out": does not say which Output of the sub-graph; expected one of sum, echo',
    ],
    [
      'an Input that the sub-graph does not have',
      { in: input, G: twoSided },
      ['in', 'G.middle'],
      'edge "in"→"G.middle": names unknown Input "middle"; expected one of left, right',
    ],
    [
      'an Output as target',
      { in: input, G: twoSided },
      ['in', 'G', { port: 'sum' }],
      'edge "in"→"G": names unknown Input "sum"; expected one of left, right',
    ],
    [
      'the dangling name of files in the wild',
      { in: input, lif1: recurrent },
      ['in', 'lif'],
      'edge "in"→"lif": refers to unknown node "lif"; expected one of in, lif1',
    ],
    [
      'two nodes that would get the same name',
      { in: input, lif1: recurrent, 'lif1/lif': lif },
      ['in', 'lif1'],
      'node "lif1/lif": has the name of a node inside a sub-graph; expected another name',
    ],
  ])('refuses %s', (_what, nodes, edge, message) => {
    expect(() => inline(nodes, [edge])).toThrow(message);
  });

  it('takes a sub-graph with hundreds of thousands of edges', () => {
    const edges = Array.from({ length: 200_000 }, () => ['input', 'output']);
    const flat = inline({ G: { type: 'NIRGraph', nodes: { input, output }, edges } }, []);
    expect(flat.edges).toHaveLength(200_000);
  });
});
