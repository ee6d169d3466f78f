import { type Model, type ResolvedNode, resolveGraph } from '@spikewire/models';
import type { BoardLimit, LimitSource } from 'spikewire/accelerators';
import { LARGEST_PACKET } from './lock-step.ts';

const SOURCE: LimitSource = {
  title: 'nengo-fpga e0bd838, nengo_fpga/networks/fpga_pes_ensemble_network.py',
  evidence: 'source file',
};
const RECTIFIERS = 'RectifiedLinear (ReLU), SpikingRectifiedLinear (ReLU before IF)';

/**
 * What of a model meets a limit that the open side of NengoFPGA shows. Most neurons and dimensions of a bit stream are
 * published nowhere that was read.
 */
export function limitsOf(model: Model): readonly BoardLimit[] {
  const graph = resolveGraph(model.graph, model.semantics);
  const of = (role: string) => graph.nodes.filter(({ kind }) => kind.role === role);
  const numbers = (nodes: readonly ResolvedNode[]) =>
    nodes.reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0);
  const entry = (what: string, needs: string, has: string, fits: boolean, node?: string): BoardLimit => ({
    ...(node !== undefined && { node }),
    ...{ what, needs, has, fits, source: SOURCE },
    // A kind that the board has not is no number.
    ...(!fits && Number.isNaN(Number(needs)) && { missedBy: 'all of the node' }),
  });
  const rectifiers = of('neuron').filter(({ kind }) => kind.type === 'ReLU').length;
  const packet = 8 * (1 + numbers(of('input')) + numbers(of('output')));
  const rules = [...model.learning].flatMap(([node, list]) => list.map(({ rule }) => ({ node, rule })));
  return [
    entry('ensembles, exactly', String(rectifiers), '1', rectifiers === 1),
    entry('bytes of a packet', String(packet), String(LARGEST_PACKET), packet <= LARGEST_PACKET),
    ...of('neuron').map(({ name, kind }) =>
      entry('type of neurons', kind.type, RECTIFIERS, ['ReLU', 'IF', 'Lowpass'].includes(kind.type), name),
    ),
    ...rules.map(({ node, rule }) => entry('learning rule', rule, 'pes', rule === 'pes', node)),
  ];
}
