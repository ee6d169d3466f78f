import { elementCount, type Model, type ResolvedNode, resolveGraph } from '@spikewire/models';
import { atMost, type BoardLimit, type LimitSource } from 'spikewire/accelerators';
import { LARGEST_PACKET, packetBytes } from './lock-step.ts';

const SOURCE: LimitSource = {
  title: 'nengo-fpga e0bd838, nengo_fpga/networks/fpga_pes_ensemble_network.py',
  evidence: 'source file',
};
const UDP: LimitSource = { title: 'RFC 768 (UDP) and RFC 791 (IPv4), lengths of 16 bits', evidence: 'recalled' };
const RECTIFIERS = 'RectifiedLinear (ReLU), SpikingRectifiedLinear (ReLU before IF)';

/**
 * What of a model meets a limit that the open side of NengoFPGA shows. Most neurons and dimensions of a bit stream are
 * published nowhere that was read.
 */
export function limitsOf(model: Model): readonly BoardLimit[] {
  const graph = resolveGraph(model.graph, model.semantics);
  const of = (role: string) => graph.nodes.filter(({ kind }) => kind.role === role);
  // Each Output of an ensemble has all that its decoders give.
  const most = (nodes: readonly ResolvedNode[]) => Math.max(0, ...nodes.map(({ shape }) => elementCount(shape)));
  const entry = (what: string, needs: string, has: string, fits: boolean, node?: string): BoardLimit => ({
    ...(node !== undefined && { node }),
    ...{ what, needs, has, fits, source: SOURCE },
    // A kind that the board has not is no number.
    ...(!fits && Number.isNaN(Number(needs)) && { missedBy: 'all of the node' }),
  });
  const rectifiers = of('neuron').filter(({ kind }) => kind.type === 'ReLU').length;
  const packet = packetBytes({ inputs: most(of('input')), outputs: most(of('output')) });
  const rules = [...model.learning].flatMap(([node, list]) => list.map(({ rule }) => ({ node, rule })));
  return [
    entry('ensembles (exactly)', String(rectifiers), '1', rectifiers === 1),
    atMost('bytes of a packet', packet, LARGEST_PACKET, UDP),
    ...of('neuron').map(({ name, kind }) =>
      entry('type of neurons', kind.type, RECTIFIERS, ['ReLU', 'IF', 'Lowpass'].includes(kind.type), name),
    ),
    ...rules.map(({ node, rule }) => entry('learning rule', rule, 'pes', rule === 'pes', node)),
  ];
}
