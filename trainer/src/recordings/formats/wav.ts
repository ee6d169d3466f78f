import { SpikewireError } from '@spikewire/models';
import { bytesOf } from '../../files/folder.ts';
import { MOST_NUMBERS } from './limits.ts';
import { channelsIn, namesOf, type RecordingFormat, refuseColumns, type Stretch, type Wanted } from './recording.ts';

type ReadSample = (bytes: Buffer, at: number) => number;

const [PCM, FLOAT, EXTENSIBLE] = [1, 3, 0xfffe];

/**
 * To −1…1, by format and bits (Microsoft, Multimedia Programming Interface 1.0; bytes are unsigned, all others not).
 */
const readers: Readonly<Record<string, ReadSample>> = {
  [`${PCM}/8`]: (bytes, at) => (bytes[at]! - 128) / 128,
  [`${PCM}/16`]: (bytes, at) => bytes.readInt16LE(at) / 2 ** 15,
  [`${PCM}/24`]: (bytes, at) => bytes.readIntLE(at, 3) / 2 ** 23,
  [`${PCM}/32`]: (bytes, at) => bytes.readInt32LE(at) / 2 ** 31,
  [`${FLOAT}/32`]: (bytes, at) => bytes.readFloatLE(at),
  [`${FLOAT}/64`]: (bytes, at) => bytes.readDoubleLE(at),
};

interface Layout {
  readonly channels: number;
  readonly rate: number;
  /** Bytes of a sample of one channel. */
  readonly width: number;
  readonly read: ReadSample;
}

/** Sound or vibration as WAV: PCM of 8, 16, 24 or 32 bits, or floating point, any number of channels. */
export const wav: RecordingFormat = {
  extensions: ['.wav'],
  async read(path, wanted) {
    refuseColumns(path, wanted);
    return [stretchOf(path, await bytesOf(path), wanted)];
  },
};

/** The samples of a file in memory. Throws `file`. */
export function stretchOf(path: string, bytes: Buffer, wanted: Wanted = {}): Stretch {
  const { layout, start, end } = chunksOf(path, bytes);
  const { channels, rate, width, read } = layout;
  const frame = channels * width;
  const names = namesOf(channels);
  const chosen = channelsIn(path, names, wanted);
  const count = Math.floor((end - start) / frame);
  if (count * chosen.length > MOST_NUMBERS)
    throw damaged(path, `has ${count * chosen.length} samples`, `at most ${MOST_NUMBERS}, or fewer --channels`);
  const samples = chosen.map((channel) => {
    const own = new Float32Array(count);
    for (let k = 0, at = start + channel * width; k < count; k++, at += frame) own[k] = read(bytes, at);
    return own;
  });
  return { channels: chosen.map((channel) => names[channel]!), rate, samples };
}

/** How samples lie, and from where to where. */
function chunksOf(path: string, bytes: Buffer): { layout: Layout; start: number; end: number } {
  const isWav = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WAVE';
  if (!isWav) throw damaged(path, 'is not a WAV file', 'RIFF … WAVE');
  let layout: Layout | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [id, length, start] = [bytes.toString('latin1', at, at + 4), bytes.readUInt32LE(at + 4), at + 8];
    const end = start + length;
    if (end > bytes.length)
      throw damaged(path, `ends at byte ${bytes.length}, within its chunk "${id.trim()}"`, `${end} bytes`);
    if (id === 'fmt ') layout = layoutOf(path, bytes.subarray(start, end));
    if (id === 'data') {
      if (layout !== undefined) return { layout, start, end };
      throw damaged(path, 'has samples before their format', 'a chunk "fmt " first');
    }
    at = end + (length % 2);
  }
  throw damaged(path, 'has no samples', 'a chunk "data"');
}

function layoutOf(path: string, chunk: Buffer): Layout {
  if (chunk.length < 16) throw damaged(path, `has a format of ${chunk.length} bytes`, '16 or more');
  const [tag, channels, rate, bits] = [
    chunk.readUInt16LE(0),
    chunk.readUInt16LE(2),
    chunk.readUInt32LE(4),
    chunk.readUInt16LE(14),
  ];
  const format = tag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const read = readers[`${format}/${bits}`];
  if (read === undefined)
    throw damaged(path, `has samples of format ${format} in ${bits} bits`, 'PCM of 8, 16, 24 or 32 bits, or floats');
  if (channels === 0 || rate === 0)
    throw damaged(path, `has ${channels} channels at ${rate} Hz`, 'one at 1 Hz or more');
  const [width, frame] = [bits / 8, chunk.readUInt16LE(12)];
  if (frame !== channels * width) throw damaged(path, `has frames of ${frame} bytes`, `${channels * width}`);
  return { channels, rate, width, read };
}

function damaged(path: string, problem: string, expected: string): SpikewireError {
  return new SpikewireError('file', path, problem, expected);
}
