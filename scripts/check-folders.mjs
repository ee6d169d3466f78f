#!/usr/bin/env node
// Circles of folders in each package and in the studies, types included. In a folder, every folder below it (with all
// that it contains) and the files of its own stand beside each other: what they import of each other are arrows, and no
// way along the arrows leads back. A public face (index.ts, commands.ts) or the program (main.ts) stands beside them by
// itself. Prints one import for each arrow of a circle; exits 1 if there is one.
//
//   node scripts/check-folders.mjs [folder of the workspace]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript';
import { packages } from './build/typescript.mjs';

const FACE = /^(index|commands|main)[.]ts$/;
const TEST = /[.]test(-data)?[.]ts$/;

/** What the files below `source` import of each other: both files, by their paths from there. */
function importsWithin(source) {
  const files = readdirSync(source, { recursive: true }).filter((file) => /[.]m?[jt]s$/.test(file) && !TEST.test(file));
  return files.sort().flatMap((from) => {
    const { importedFiles } = typescript.preProcessFile(readFileSync(join(source, from), 'utf8'), true, true);
    const names = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
    return names.map((name) => ({ from, to: join(dirname(from), name) }));
  });
}

/** Arrows by their folder, start and end; of each the first import that draws it. */
function arrowsByFolder(imports) {
  const folders = new Map();
  for (const drawn of imports) {
    const [from, to] = [drawn.from.split('/'), drawn.to.split('/')];
    const depth = from.findIndex((name, k) => name !== to[k]);
    const [start, end] = [from, to].map((path) => standsAs(path, depth));
    if (start === end) continue;
    const ends = inMap(inMap(folders, from.slice(0, depth).join('/')), start);
    if (!ends.has(end)) ends.set(end, drawn);
  }
  return folders;
}

function inMap(map, key) {
  if (!map.has(key)) map.set(key, new Map());
  return map.get(key);
}

/**
 * What a file belongs to in the folder at `depth` of its path: a folder below, a face, or `.`, the files of its own.
 */
function standsAs(path, depth) {
  return path.length > depth + 1 || FACE.test(path[depth]) ? path[depth] : '.';
}

/**
 * A shortest way along `arrows` from `start` back to it, as the imports that draw it; undefined where there is none.
 */
function circleThrough(start, arrows) {
  const ways = [{ end: start, way: [] }];
  const seen = new Set();
  for (const { end, way } of ways) {
    for (const [next, drawn] of arrows.get(end) ?? []) {
      if (next === start) return [...way, drawn];
      if (!seen.has(next)) ways.push({ end: next, way: [...way, drawn] });
      seen.add(next);
    }
  }
  return undefined;
}

/** A circle for each start that no circle before it came through. */
function* circles(arrows, depth) {
  const passed = new Set();
  for (const start of arrows.keys()) {
    const circle = passed.has(start) ? undefined : circleThrough(start, arrows);
    for (const { from } of circle ?? []) passed.add(standsAs(from.split('/'), depth));
    if (circle !== undefined) yield circle;
  }
}

function check(root) {
  let isClean = true;
  const studies = existsSync(join(root, 'studies', 'src')) ? ['studies'] : [];
  for (const name of [...packages(root), ...studies]) {
    for (const [folder, arrows] of arrowsByFolder(importsWithin(join(root, name, 'src')))) {
      const where = join(name, 'src', folder);
      for (const circle of circles(arrows, folder === '' ? 0 : folder.split('/').length)) {
        const ways = circle.map(({ from, to }) => `  ${from} → ${to}\n`);
        process.stdout.write(`circle of folders in ${where}\n${ways.join('')}`);
        isClean = false;
      }
    }
  }
  return isClean;
}

try {
  const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
  process.exitCode = check(root) ? 0 : 1;
} catch (error) {
  process.stderr.write(`check-folders: ${error.message}\n`);
  process.exitCode = 1;
}
