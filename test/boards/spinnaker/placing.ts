import { elementCount, encoderKindOf, graphOf, type Model } from '@spikewire/models';

const [CHIPS, CORES, NEURONS_ON_CORE, DELAY] = [48, 17, 256, 16 + 8 * 16];

/**
 * Whether the tool chain can place a net on the largest board, by its published constants (BOARDS.md, chapter 7): the
 * twin runs nothing else. It shares nothing with the driver, and takes all delays of a net together for the longest.
 */
export function canBePlaced(model: Model): boolean {
  const { nodes, edges } = graphOf(model);
  let cores = 0;
  for (const { name, kind, shape } of nodes) {
    if (kind.role === 'neuron') {
      if (kind.emits !== 'spikes') return false;
      cores += Math.ceil(elementCount(shape) / NEURONS_ON_CORE);
    }
    const encoder = kind.role === 'input' ? model.encoder.get(name) : undefined;
    if (encoder && encoderKindOf(encoder.type, name).emits(encoder.parameters) !== 'spikes') return false;
  }
  return cores <= CHIPS * CORES && edges.reduce((sum, { delay }) => sum + delay, 0) <= DELAY;
}
