import { elementCount, type Model, type ResolvedNode, resolveGraph, SpikewireError } from '@spikewire/models';
import { namesClass } from '../architecture/names-class.ts';

/**
 * A converted net whose last layer learns from lessons where it runs, by the delta rule (PES): what each of its inputs
 * spiked in a sample, times the error of the answer. Throws `unsupported` where it names no classes, or what leads to
 * an answer is no dense layer.
 */
export function withLessons(spiking: Model, learningRate: number): Model {
  const { graph, semantics, sample, decoder } = spiking;
  if (![...decoder.values()].every(namesClass)) {
    throw new SpikewireError('unsupported', 'spikewire convert --lessons', 'is for classes', 'a net that names them');
  }
  const { nodes, edges } = resolveGraph(graph, semantics);
  const before = (index: number) => edges.filter(({ target }) => target === index).map(({ source }) => source);
  const outputs = nodes.flatMap(({ name, kind }, index) =>
    kind.role === 'output' && decoder.has(name) ? [index] : [],
  );
  const last = outputs.flatMap(before).flatMap(before);
  const rule = { rule: 'pes', parameters: { learningRate, tauPre: sample.steps * semantics.dt } };
  const learning = last.map((index) => {
    const node = nodes[index]!;
    if (!isDense(node)) {
      const where = `node "${node.name}" (${node.node.type})`;
      throw new SpikewireError('unsupported', where, 'leads to the answer, and takes no lessons', 'Linear or Affine');
    }
    return [node.name, [rule]] as const;
  });
  return { ...spiking, learning: new Map(learning) };
}

function isDense({ kind, node, inputShape, shape }: ResolvedNode): boolean {
  if (kind.role !== 'connection' || elementCount(shape) !== shape[0]) return false;
  return kind.connect(node, inputShape).structure === 'dense';
}
