import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { copyIfChanged } from './copy.mjs';

/** Of the dashboard; the TypeScript compiler writes its modules one by one. */
const SOURCE = 'runtime/src/dashboard/page';
const OUTPUT = 'runtime/dist/dashboard/page';
/** Of the controller of a fleet. */
const CONTROLLER_SOURCE = 'fleet/src/controller/page';
const CONTROLLER_OUTPUT = 'fleet/dist/controller/page';

/** Lays what pages need besides their own code beside that code. They load nothing from elsewhere. */
export async function writePages(root) {
  copyDashboardAssets(root);
  await writeControllerPage(root);
}

/** Markup, style, icons, and uPlot with its licence. */
function copyDashboardAssets(root) {
  const source = join(root, SOURCE);
  if (!existsSync(source)) return;
  const output = join(root, OUTPUT);
  removeStale(source, output);
  copyAssets(source, output);
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  copyIfChanged(join(uplot, 'dist/uPlot.esm.js'), join(output, 'uPlot.esm.js'));
  copyIfChanged(join(uplot, 'dist/uPlot.min.css'), join(output, 'uPlot.min.css'));
  copyIfChanged(join(uplot, 'LICENSE'), join(output, 'uPlot.LICENSE'));
}

/** One module, since it takes in what it shares with the dashboard, and the style that both have. */
async function writeControllerPage(root) {
  const source = join(root, CONTROLLER_SOURCE);
  if (!existsSync(source)) return;
  const output = join(root, CONTROLLER_OUTPUT);
  copyAssets(source, output);
  for (const name of ['base.css', 'icon.svg']) copyIfChanged(join(root, SOURCE, name), join(output, name));
  await build({
    entryPoints: [join(source, 'main.ts')],
    outfile: join(output, 'main.js'),
    alias: { 'spikewire/page': join(root, SOURCE, 'index.ts') },
    ...{ bundle: true, format: 'esm', platform: 'browser', target: 'es2022', minify: true, logLevel: 'silent' },
  });
}

function copyAssets(source, output) {
  mkdirSync(output, { recursive: true });
  for (const name of readdirSync(source).filter((file) => /\.(html|css|svg)$/.test(file)))
    copyIfChanged(join(source, name), join(output, name));
}

/** Code of the page whose source has gone would still be packed. */
function removeStale(source, output) {
  mkdirSync(output, { recursive: true });
  for (const name of readdirSync(output, { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(name) || /^uPlot/.test(name)) continue;
    if (!existsSync(join(source, name.replace(/\.(js|d\.ts)$/, '.ts')))) rmSync(join(output, name));
  }
}
