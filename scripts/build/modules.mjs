import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { packages } from './typescript.mjs';

/** Stands for `dist` until it is known which file a module goes into. */
const OUTPUT = 'folder-of-output:';
/** Modules of pages are for browsers, and others write them. */
const PAGE = /(?:dashboard|controller)\/page\//;

/**
 * Compiles every package under `root` into `dist` as few files: one per public face and thread, and one for what
 * these share. A hundred small modules are right for the reader of the source; to Node, each costs 60 kB of memory and
 * half a millisecond at every start, and a text without names and spaces takes 3 MB less while it runs than one with
 * them. What is imported lazily stays in files of its own; source maps lead back to the source (`node
 * --enable-source-maps`).
 */
export async function mergeModules(root) {
  await Promise.all(packages(root).map((name) => mergePackage(join(root, name))));
}

async function mergePackage(folder) {
  const output = join(folder, 'dist');
  const { outputFiles } = await build({
    entryPoints: entries(folder),
    outbase: join(folder, 'src'),
    outdir: output,
    absWorkingDir: folder,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    sourcemap: true,
    write: false,
    logLevel: 'silent',
    plugins: [keepModuleUrls(folder), takeIn('fft.js')],
  });
  for (const { path, text } of outputFiles) {
    writeIfChanged(path, path.endsWith('.js') ? finish(text, relative(dirname(path), output)) : text);
  }
  removeOthers(output, new Set(outputFiles.map(({ path }) => path)));
}

/** Sources of the public faces, and of the threads, which are started by their URL. */
function entries(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const faces = Object.values(exports)
    .flatMap((face) => face.default ?? [])
    .filter((file) => !PAGE.test(file))
    .map((file) => file.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts'));
  const threads = readdirSync(join(folder, 'src'), { recursive: true })
    .map((file) => join('src', file))
    .filter((file) => /-thread\.ts$/.test(file) && readFileSync(join(folder, file), 'utf8').includes('parentPort'));
  return [...faces, ...threads].map((file) => join(folder, file));
}

/** A package that goes into the module that imports it, where all others stay outside. */
function takeIn(name) {
  return {
    name: 'take-in',
    setup({ onResolve }) {
      onResolve({ filter: /^[^.]/ }, ({ path }) =>
        path === name ? { path: createRequire(import.meta.url).resolve(name) } : undefined,
      );
    },
  };
}

/** A merged module still finds the files that lay beside it: its URL stays what it would be if it stood alone. */
function keepModuleUrls(folder) {
  return {
    name: 'keep-module-urls',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        const place = relative(join(folder, 'src'), path).replace(/\.ts$/, '.js');
        const url = `new URL('${OUTPUT}/${place}', import.meta.url).href`;
        return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
      });
    },
  };
}

/**
 * Puts in the way from the file to `dist`, and leaves nothing but ASCII: one dash in a comment, and V8 keeps the whole
 * text with two bytes per character. In strings, esbuild has escaped it already.
 */
function finish(text, toOutput) {
  return text
    .replaceAll(OUTPUT, toOutput || '.')
    .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Renamed into place, because a test run in another terminal may be reading it. */
function writeIfChanged(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}

/** Removes the code of earlier builds, which would be imported and packed. */
function removeOthers(output, written) {
  for (const name of readdirSync(output, { recursive: true })) {
    const path = join(output, name);
    if (/\.js(\.map)?$/.test(name) && !PAGE.test(name) && !written.has(path)) rmSync(path, { force: true });
  }
}
