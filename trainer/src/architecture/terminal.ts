import { type GraphNode, tensor } from '@spikewire/models';

/** An Input or Output of so many elements. */
export function terminal(type: 'Input' | 'Output', size: number): GraphNode {
  return { type, parameters: { shape: tensor(Float64Array.of(size)) } };
}
