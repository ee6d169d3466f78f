import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { copyIfChanged } from './copy.mjs';

const SOURCE = 'runtime/src/dashboard/page';
const OUTPUT = 'runtime/dist/dashboard/page';

/**
 * Lays what the page needs besides its own code beside that code: markup, style, icons, and uPlot with its licence.
 * The page loads nothing from elsewhere.
 */
export function copyPageAssets(root) {
  const source = join(root, SOURCE);
  if (!existsSync(source)) return;
  const output = join(root, OUTPUT);
  mkdirSync(output, { recursive: true });
  removeStale(source, output);
  for (const name of readdirSync(source).filter((file) => /\.(html|css|svg)$/.test(file))) {
    copyIfChanged(join(source, name), join(output, name));
  }
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  copyIfChanged(join(uplot, 'dist/uPlot.esm.js'), join(output, 'uPlot.esm.js'));
  copyIfChanged(join(uplot, 'dist/uPlot.min.css'), join(output, 'uPlot.min.css'));
  copyIfChanged(join(uplot, 'LICENSE'), join(output, 'uPlot.LICENSE'));
}

/** Code of the page whose source has gone would still be packed. */
function removeStale(source, output) {
  for (const name of readdirSync(output, { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(name) || /^uPlot/.test(name)) continue;
    if (!existsSync(join(source, name.replace(/\.(js|d\.ts)$/, '.ts')))) rmSync(join(output, name));
  }
}
