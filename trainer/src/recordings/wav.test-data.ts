/** How the samples of a WAV file lie; 1: whole numbers, 3: floats. */
export interface WavForm {
  readonly format?: 1 | 3 | 0xfffe;
  readonly bits?: number;
  readonly rate?: number;
  readonly channels?: number;
}

/** A WAV file around the bytes of its samples, as the format's description has it. */
export function wavOf(data: Uint8Array, { format = 1, bits = 16, rate = 8000, channels = 1 }: WavForm = {}): Buffer {
  const extension = format === 0xfffe ? 24 : 0;
  const head = Buffer.alloc(36 + extension + 8);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(head.length - 8 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16 + extension, 16);
  const frame = (channels * bits) / 8;
  for (const [k, value] of [format, channels].entries()) head.writeUInt16LE(value, 20 + 2 * k);
  for (const [k, value] of [rate, rate * frame].entries()) head.writeUInt32LE(value, 24 + 4 * k);
  for (const [k, value] of [frame, bits].entries()) head.writeUInt16LE(value, 32 + 2 * k);
  if (extension > 0) {
    head.writeUInt16LE(22, 36);
    head.writeUInt16LE(bits, 38);
    head.writeUInt16LE(1, 44); // sub-format: PCM
  }
  head.write('data', 36 + extension, 'latin1');
  head.writeUInt32LE(data.length, 40 + extension);
  return Buffer.concat([head, data]);
}

/** Samples within −1…1 as a WAV file of one channel and 16 bits. */
export function wavOf16(samples: readonly number[], rate: number): Buffer {
  const data = Int16Array.from(samples, (sample) => Math.round(32_767 * sample));
  return wavOf(new Uint8Array(data.buffer), { rate });
}
