import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const PLACES = { B: 'ball', I: 'inner', O: 'outer' };

/** Recordings at 12 kHz. The healthy one was sampled at 48 kHz: low-pass, and every fourth sample. */
export function recordings(data) {
  const folder = join(data, 'cwru-12k-de');
  const there = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).filter(({ file }) =>
    existsSync(join(folder, file)),
  );
  return there.map(({ file, fault, sizeMil, loadHp, rpm }) => {
    const bytes = gunzipSync(readFileSync(join(folder, file)));
    const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const place = PLACES[fault[0]] ?? 'normal';
    // Where the speed was not written down, it is that of the other recordings under this load.
    const speed = rpm ?? [1797, 1772, 1750, 1725][loadHp];
    return {
      place,
      size: sizeMil,
      load: loadHp,
      rpm: speed,
      samples: place === 'normal' ? decimated(samples) : samples,
    };
  });
}

/** A windowed sinc that ends at 5.4 kHz. */
function decimated(samples) {
  const [half, cutoff] = [48, 5400 / 48_000];
  const taps = Array.from({ length: 2 * half + 1 }, (_, k) => {
    const n = k - half;
    const sinc = n === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * n) / (Math.PI * n);
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * n) / half));
  });
  const length = Math.floor((samples.length - taps.length) / 4);
  return Float32Array.from({ length }, (_, m) => taps.reduce((sum, tap, k) => sum + tap * samples[4 * m + k], 0));
}
