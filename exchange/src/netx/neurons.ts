import { type GraphNode, type ParameterValue, type Shape, SpikewireError, scalar } from '@spikewire/models';
import type { Hdf5Group } from '../hdf5/index.ts';
import { groupIn, textIn } from '../nir/datasets.ts';
import type { ReadingMemory } from '../reading-memory.ts';
import { refuseUnknown } from './layers.ts';
import { type Bounds, SCALE, spread, wholeIn } from './numbers.ts';

const DECAY: Bounds = { minimum: 0, maximum: 4096 };
const THRESHOLD: Bounds = { minimum: 0, maximum: 131_071 };
const REST: Bounds = { minimum: 0, maximum: 63 };
/** Of 12 bits with a sign. */
const BIAS: Bounds = { minimum: -4096, maximum: 4095 };

const KNOWN = ['type', 'iDecay', 'vDecay', 'vThMant', 'refDelay', 'gradedSpike'];

/**
 * The neurons of a layer of a shape (channels first), as they are on Loihi. Throws `unsupported` for a model other than
 * CUBA.
 */
export function neuronsIn(layer: Hdf5Group, shape: Shape, where: string, dt: number, memory: ReadingMemory): GraphNode {
  const group = groupIn(layer, 'neuron', where);
  const place = `${where}.neuron`;
  const type = textIn(group, 'type', place);
  if (type !== 'CUBA' && type !== 'LOIHI') {
    throw new SpikewireError('unsupported', place, `is ${JSON.stringify(type.slice(0, 40))}`, 'CUBA or LOIHI');
  }
  refuseUnknown(group, KNOWN, place);
  refuseGraded(group, place);
  const all = (name: string, bounds: Bounds, scale = 1) =>
    spread(wholeIn(group, name, place, bounds, memory), shape, `${place}.${name}`, memory, scale);
  const parameters: Record<string, ParameterValue> = {
    decay_u: all('iDecay', DECAY),
    decay_v: all('vDecay', DECAY),
    v_threshold: all('vThMant', THRESHOLD, SCALE),
  };
  if (group.children.has('refDelay')) {
    const [rest] = wholeIn(group, 'refDelay', place, REST, memory);
    if (rest! > 1) parameters.tau_ref = scalar((rest! - 1) * dt);
  }
  if (layer.children.has('bias')) {
    parameters.bias = spread(wholeIn(layer, 'bias', where, BIAS, memory), shape, `${where}.bias`, memory, SCALE);
  }
  return { type: 'LoihiLIF', parameters };
}

function refuseGraded({ children }: Hdf5Group, place: string): void {
  const graded = children.get('gradedSpike');
  if (graded === undefined) return;
  const isPlain = graded.kind === 'dataset' && graded.values.length === 1 && graded.values[0] === 0;
  if (!isPlain)
    throw new SpikewireError('unsupported', `${place}.gradedSpike`, 'is not False', 'spikes without values');
}
