/** Beginnings of files that people mistake for models, by what they are. */
const SIGNATURES: readonly (readonly [name: string, beginning: string])[] = [
  ['HDF5, as NIR graphs are', '\x89HDF\r\n\x1a\n'],
  ['a ZIP archive, such as a file of PyTorch', 'PK\x03\x04'],
  ['gzip', '\x1f\x8b'],
  ['a pickle of Python', '\x80'],
  ['an array of NumPy', '\x93NUMPY'],
  ['XML, as NeuroML is', '<'],
  ['a protocol buffer, such as a file of ONNX', '\x08'],
];

/** What bytes look like that no format claims, as far as their beginning tells. */
export function looksLike(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'nothing: it is empty';
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  const [name] = SIGNATURES.find(([, beginning]) => start.startsWith(beginning)) ?? [];
  if (name !== undefined) return name;
  return /^[\t\n\r -~]+$/.test(start) ? `text that begins with ${JSON.stringify(start)}` : 'an unknown kind of file';
}
