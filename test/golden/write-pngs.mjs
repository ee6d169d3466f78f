// Writes the pictures of data/png by ImageMagick 7, from the bytes that data/README.md says. Once; they are kept.
//
//   node test/golden/write-pngs.mjs
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('data/png/', import.meta.url));
const [WIDTH, HEIGHT] = [11, 7];

const grey = (most) => (x, y) => (37 * x + 91 * y + 7 * x * y * y) % (most + 1);
const steps = (x, y) => Math.floor((20 * x * x + 30 * y * y) / (1 + ((x + y) % 3))) % 256;
const colour = (x, y, c) => (37 * x + 91 * y + 53 * c + 7 * x * y * y) % 256;
const deep = (x, y, c) => (4099 * x + 30011 * y + 20021 * c + 257 * x * y) % 65536;
const ofColours = (count) => (x, y, c) => (41 * c + 4 * ((5 * x + 3 * y) % count)) % 256;
const opaque = (of) => (x, y, c) => (c < 3 ? of(x, y, c) : 255);

function write(name, [type, depth], channels, bits, of, ...options) {
  const bytes = [];
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      for (let c = 0; c < channels; c++) bytes.push(...(bits === 16 ? [of(x, y, c) >> 8] : []), of(x, y, c) & 255);
    }
  }
  const raw = { 1: 'gray', 3: 'rgb', 4: 'rgba' }[channels];
  const form = ['-define', `png:color-type=${type}`, '-define', `png:bit-depth=${depth}`];
  const input = ['-size', `${WIDTH}x${HEIGHT}`, '-depth', String(bits), '-endian', 'MSB', `${raw}:-`];
  const plain = ['-define', 'png:exclude-chunks=all', '-quality', '95'];
  execFileSync('magick', [...input, ...plain, ...form, ...options, `${FOLDER}${name}.png`], {
    input: Buffer.from(bytes),
  });
}

write('filters-0123', [0, 8], 1, 8, steps);
write('filters-014', [0, 8], 1, 8, grey(255));
for (const depth of [1, 2, 4]) {
  const most = 2 ** depth - 1;
  write(`grey-${depth}`, [0, depth], 1, 8, (x, y) => (grey(most)(x, y) * 255) / most);
}
write('grey-16', [0, 16], 1, 16, deep);
write('rgb-8', [2, 8], 3, 8, colour);
write('rgb-8-interlaced', [2, 8], 3, 8, colour, '-interlace', 'PNG');
write('rgb-16-interlaced', [2, 16], 3, 16, deep, '-interlace', 'PNG');
write('rgba-8', [6, 8], 4, 8, opaque(colour));
write('grey-alpha-16', [4, 16], 1, 16, deep, '-alpha', 'opaque');
for (const [depth, count] of [
  [1, 2],
  [2, 4],
  [4, 14],
  [8, 60],
])
  write(`palette-${depth}`, [3, depth], 3, 8, ofColours(count));
write('grey-1-interlaced', [0, 1], 1, 8, (x, y) => grey(1)(x, y) * 255, '-interlace', 'PNG');
