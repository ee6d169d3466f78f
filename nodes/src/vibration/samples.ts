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
 * Throws `input`.
 */
export function samplesOf(payload: unknown, form: SampleForm, scale: number): Float64Array {
  const scaled = (values: ArrayLike<number>) => Float64Array.from(values, (value) => value * scale);
  if (payload instanceof Uint8Array) return scaled(samplesOfBytes(payload, form));
  if (typeof payload === 'number') return scaled([payload]);
  if (ArrayBuffer.isView(payload) && !(payload instanceof DataView)) return scaled(payload as unknown as number[]);
  if (!Array.isArray(payload)) throw noSamples(`is ${describeValue(payload)}`);
  const wrong = payload.findIndex((value) => typeof value !== 'number');
  if (wrong >= 0) throw noSamples(`has ${describeValue(payload[wrong])} as sample ${wrong}`);
  return scaled(payload);
}

function samplesOfBytes(bytes: Uint8Array, form: SampleForm): Float64Array {
  const reader = READERS[form];
  if (bytes.length % reader.bytes !== 0) throw noSamples(`has ${bytes.length} bytes, which are no samples of ${form}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from({ length: bytes.length / reader.bytes }, (_, k) => reader.read(view, k * reader.bytes));
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
