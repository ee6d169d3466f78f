/** The bytes that `scripts/build/repetitions.mjs` has shortened, from their base64; that file says how. */
export function withRepetitions(base64: string): Uint8Array {
  const packed = atob(base64);
  let next = 0;
  const readNumber = () => {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = packed.charCodeAt(next++);
      number |= (byte & 127) << shift;
      if (byte < 128) return number;
    }
  };
  const bytes = new Uint8Array(readNumber());
  for (let at = 0; at < bytes.length; ) {
    for (const end = at + readNumber(); at < end; at++) bytes[at] = packed.charCodeAt(next++);
    const end = at + readNumber();
    // The part that is repeated may reach into its own repetition.
    for (const distance = readNumber(); at < end; at++) bytes[at] = bytes[at - distance]!;
  }
  return bytes;
}
