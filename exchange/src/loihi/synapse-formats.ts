import type { Net, Population } from '../net/net.ts';
import { synapticDelay } from './registers.ts';
import type { Rounding } from './rounding.ts';
import { delayBits } from './synapse-bits.ts';
import { formatIn } from './weight-limits.ts';

/** Different formats of synapses into a population: signs and exponents of weights, and widths of delays. */
export function formatsInto(net: Net, { index }: Population, rounding: Rounding | undefined): number {
  const { nodes, wiring } = net;
  const formats = new Set<string>();
  for (const projection of net.projectionsInto(index)) {
    const at = projection.through.find((each) => wiring.connectivity[each]!.weights !== undefined)!;
    const rounded = rounding?.connections.find((connection) => connection.index === at);
    const { isMixed, exponent } = rounded?.report.format ?? formatIn(nodes[at]!.node);
    formats.add(`${isMixed} ${exponent} ${delayBits(Math.max(0, synapticDelay(net, projection)))}`);
  }
  return formats.size;
}
