import { join } from 'node:path';
import { copyIfChanged } from './copy.mjs';
import { packages } from './typescript.mjs';

/** Lays licence and notice into every package: `npm pack` takes nothing from outside its folder. */
export function copyLicences(root) {
  for (const folder of packages(root)) {
    for (const text of ['LICENSE', 'NOTICE']) copyIfChanged(join(root, text), join(root, folder, text));
  }
}
