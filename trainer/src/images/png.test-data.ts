import { crc32, deflateSync } from 'node:zlib';

/** How the pixels of a PNG file lie. */
export interface PngForm {
  readonly width: number;
  readonly height: number;
  /** Bits of a number. */
  readonly depth?: number;
  /** 0 grey, 2 red, green and blue, 3 of a palette, 4 and 6 the first two with alpha. */
  readonly colour?: number;
  /** 0 none, 1 Adam7. */
  readonly interlacing?: number;
  /** Chunks between the head and the pixels. */
  readonly extra?: readonly Buffer[];
}

/** A PNG file around packed pixels, as its specification has it. */
export function pngAround(packed: Uint8Array, form: PngForm): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(form.width, 0);
  head.writeUInt32BE(form.height, 4);
  head[8] = form.depth ?? 8;
  head[9] = form.colour ?? 0;
  head[12] = form.interlacing ?? 0;
  const chunks = [chunk('IHDR', head), ...(form.extra ?? []), chunk('IDAT', packed), chunk('IEND', [])];
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...chunks]);
}

/** One of whole numbers, row by row, all numbers of a pixel next to each other. No row is filtered. */
export function pngOf(numbers: ArrayLike<number>, form: PngForm): Buffer {
  const { height, depth = 8 } = form;
  const inRow = numbers.length / height;
  const rows = Array.from({ length: height }, (_, row) => {
    const own = Array.from({ length: inRow }, (_, k) => numbers[row * inRow + k]!.toString(2).padStart(depth, '0'));
    const bits = own.join('');
    return [0, ...Array.from({ length: Math.ceil(bits.length / 8) }, (_, k) => byteOf(bits.slice(8 * k, 8 * k + 8)))];
  });
  return pngAround(deflateSync(Uint8Array.from(rows.flat())), form);
}

const byteOf = (bits: string) => Number.parseInt(bits.padEnd(8, '0'), 2);

export function chunk(type: string, data: ArrayLike<number>): Buffer {
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Uint8Array.from(data)]);
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
