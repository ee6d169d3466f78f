import { type Graph, type GraphNode, numbersOf, SpikewireError, scalar } from '@spikewire/models';
import { mapGraph } from './net.ts';

/**
 * A graph in which a LIF or LI whose tau and r are both infinite is the integrator that it means: snnTorch writes
 * beta = 1 so, a membrane without leak that takes its input whole in each step, r = 1/dt. Throws `parameter` where only
 * some are infinite.
 */
export function withoutInfinities(graph: Graph, dt: number, notes: string[]): Graph {
  return mapGraph(graph, (node, name) => {
    if (node.type !== 'LIF' && node.type !== 'LI') return node;
    const [taus, gains] = [infinite(node, 'tau'), infinite(node, 'r')];
    if (taus === 'none' && gains === 'none') return node;
    const where = `node "${name}" (${node.type})`;
    if (taus !== 'all' || gains !== 'all') {
      throw new SpikewireError(
        'parameter',
        where,
        'has a tau that is infinite for some neurons, or without r',
        'both for all neurons, or neither',
      );
    }
    const { tau: _tau, r: _r, v_leak: _leak, ...rest } = node.parameters;
    notes.push(`${where}: tau and r are infinite, as for beta = 1: read as an integrator with r = 1/dt`);
    return { ...node, type: node.type === 'LIF' ? 'IF' : 'I', parameters: { ...rest, r: scalar(1 / dt) } };
  });
}

function infinite(node: GraphNode, key: string): 'all' | 'some' | 'none' {
  const data = numbersOf(node, key)?.data ?? [];
  const count = Array.from(data).filter((value) => value === Number.POSITIVE_INFINITY).length;
  return count === 0 ? 'none' : count === data.length ? 'all' : 'some';
}
