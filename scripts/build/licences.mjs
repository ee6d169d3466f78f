import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { copyIfChanged } from './copy.mjs';
import { packages } from './typescript.mjs';

/** Lays licence and notice into every package: `npm pack` takes nothing from outside its folder. */
export function copyLicences(root) {
  // What is taken into a module of ours brings its own; that of fft.js is in its README.
  const fourier = dirname(createRequire(import.meta.url).resolve('fft.js/package.json'));
  if (existsSync(join(root, 'models/dist')))
    copyIfChanged(join(fourier, 'README.md'), join(root, 'models/dist/fft.js.LICENSE'));
  for (const folder of packages(root)) {
    for (const text of ['LICENSE', 'NOTICE']) copyIfChanged(join(root, text), join(root, folder, text));
  }
}
