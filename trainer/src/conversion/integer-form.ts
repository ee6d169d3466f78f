import { calibrate, engineNamed } from '@spikewire/engine';
import { type LabelledSamples, windowsOf } from '@spikewire/engine/data';
import { type Model, quantize, resolveGraph } from '@spikewire/models';

/** Samples that set the ranges. */
const CALIBRATED = 64;

/** Bits of the weights of the integer form; absent: the float model. */
export type Bits = 8 | 4 | undefined;

/** Bits of the membranes of the integer form. */
export type MembraneBits = 32 | 16;

/**
 * The integer form of a net that was converted, where one is wanted. Ranges are those of its first calibration samples
 * on the engine of devices: the readable one takes minutes for many steps.
 */
export function inForm(
  spiking: Model,
  samples: LabelledSamples['samples'],
  bits: Bits,
  membraneBits: MembraneBits = 32,
): Model {
  if (bits === undefined) return spiking;
  const windows = windowsOf(spiking, { samples: samples.slice(0, CALIBRATED) });
  const { inputs, states } = calibrate(spiking, windows, engineNamed('clocked'));
  const { nodes } = resolveGraph(spiking.graph, spiking.semantics);
  const readOuts = nodes.filter(({ kind }) => kind.role === 'neuron' && kind.emits === 'state');
  // What nothing ever reaches with few steps has any range.
  const ranges = new Map(readOuts.map(({ name }) => [name, states?.get(name) ?? 1]));
  return quantize(spiking, { bits, membraneBits, calibration: { ...(inputs && { inputs }), states: ranges } });
}
