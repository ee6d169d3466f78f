import { describeValue, SpikewireError } from 'spikewire';

/** How the bytes of a Buffer are samples: little-endian. */
export const SAMPLE_FORMS = ['float32', 'int16', 'float64'] as const;
type SampleForm = (typeof SAMPLE_FORMS)[number];

const READERS: Readonly<Record<SampleForm, { readonly bytes: number; read(view: DataView, at: number): number }>> = {
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  int16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  float64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

/**
 * The samples in a payload: a number, an array or typed array of numbers, or a Buffer of the given form, times `scale`.
 * Throws `input`, for more than `most` before they are looked at.
 */
export function samplesOf(payload: unknown, form: SampleForm, scale: number, most: number): Float64Array {
  if (payload instanceof Uint8Array) return samplesOfBytes(payload, form, scale, most);
  const list = typeof payload === 'number' ? [payload] : listOf(payload);
  checkCount(list.length, most);
  const samples = new Float64Array(list.length);
  for (let k = 0; k < samples.length; k++) {
    const value = list[k];
    if (typeof value !== 'number') throw noSamples(`has ${describeValue(value)} as sample ${k}`);
    samples[k] = value * scale;
  }
  return samples;
}

function listOf(payload: unknown): ArrayLike<unknown> {
  const isTyped = ArrayBuffer.isView(payload) && !(payload instanceof DataView);
  if (isTyped || Array.isArray(payload)) return payload as unknown as ArrayLike<unknown>;
  throw noSamples(`is ${describeValue(payload)}`);
}

function samplesOfBytes(buffer: Uint8Array, form: SampleForm, scale: number, most: number): Float64Array {
  const { bytes, read } = READERS[form];
  if (buffer.length % bytes !== 0) throw noSamples(`has ${buffer.length} bytes, not a multiple of a sample in ${form}`);
  const samples = new Float64Array(checkCount(buffer.length / bytes, most));
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  for (let k = 0; k < samples.length; k++) samples[k] = read(view, k * bytes) * scale;
  return samples;
}

function checkCount(count: number, most: number): number {
  if (count <= most) return count;
  throw new SpikewireError('input', 'msg.payload', `has ${count} samples`, `at most ${most}`);
}

function noSamples(problem: string): SpikewireError {
  return new SpikewireError('input', 'msg.payload', problem, 'a number, numbers in an array, or a Buffer of samples');
}

/** A property of a message that is a positive number, or what holds where it is absent. Throws `input`. */
export function positive(name: string, value: unknown, usual: number): number {
  if (value === undefined) return usual;
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw new SpikewireError('input', `msg.${name}`, `is ${describeValue(value)}`, 'a number above 0');
}
