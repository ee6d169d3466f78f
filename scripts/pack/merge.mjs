import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';

/**
 * Compiles the package in `folder` into `output` as few files: one per public face, command and thread, and one for
 * what these share. A hundred small modules are right for the reader of the source; to Node, each costs 60 kB of
 * memory and half a millisecond at every start. What is imported lazily stays in files of its own.
 */
export async function mergeModules(folder, output) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  await build({
    entryPoints: entries(folder, manifest),
    outbase: join(folder, 'src'),
    outdir: output,
    absWorkingDir: folder,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    plugins: [keepModuleUrls(folder, manifest.name)],
  });
}

/** Sources of the files that package.json names, and of the threads, which are started by their URL. */
function entries(folder, { exports }) {
  const faces = Object.values(exports).flatMap((face) => face.default ?? []);
  const named = faces.map((file) => file.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts'));
  const threads = readdirSync(join(folder, 'src'), { recursive: true })
    .filter((file) => file.endsWith('-thread.ts'))
    .map((file) => join('src', file));
  return [...named, ...threads].map((file) => join(folder, file));
}

/** A merged module still finds the files that lay beside it: its URL stays what it would be if it stood alone. */
function keepModuleUrls(folder, name) {
  return {
    name: 'keep-module-urls',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        const place = relative(folder, path).replace(/^src\/(.*)\.ts$/, 'dist/$1.js');
        const url = `new URL('${place}', import.meta.resolve('${name}/package.json')).href`;
        return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
      });
    },
  };
}
