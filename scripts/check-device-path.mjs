#!/usr/bin/env node
// What the device path (models, engine, runtime, nodes) brings onto a device: every package of its production tree, checked
// for native code, install scripts and licences. Prints one line per package; exits 1 if one of them is not fit.
//
//   node scripts/check-device-path.mjs [folder of the workspace]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const DEVICE_PATH = ['models', 'engine', 'runtime', 'nodes'];
const PERMISSIVE = new Set([
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'Unlicense'],
]);
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** The lock file's entries that `folders` need at run time, themselves included, as sorted paths. */
function productionTree(lock, folders) {
  const reached = new Set();
  const pending = [...folders];
  while (pending.length > 0) {
    const path = pending.pop();
    if (reached.has(path)) continue;
    reached.add(path);
    const entry = lock.packages[path];
    if (entry === undefined) throw new Error(`package-lock.json: no entry "${path}"`);
    for (const name of needs(entry)) {
      const found = locate(lock, path, name);
      if (found === undefined) throw new Error(`package-lock.json: "${path}" needs "${name}", which has no entry`);
      pending.push(found);
    }
  }
  return [...reached].sort();
}

/** Everything npm would install with it: an optional peer is the user's own affair, an optional dependency is not. */
function needs({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Node's resolution over the lock file: the nearest `node_modules` upwards. */
function locate(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = lock.packages[path];
    if (entry !== undefined) return entry.link ? entry.resolved : path;
    if (folder === '') return undefined;
  }
}

/** Why the package in `folder` must not go onto a device; empty if it may. */
function objections(folder, entry, manifest) {
  const scripts = INSTALL_SCRIPTS.filter((script) => manifest.scripts?.[script] !== undefined);
  return [
    ...(entry.hasInstallScript ? ['the lock file says it has an install script'] : []),
    ...scripts.map((script) => `${script} script`),
    ...nativeFiles(folder).map((file) => `native code in ${file}`),
    ...(isPermissive(licence(manifest)) ? [] : [`licence ${licence(manifest) || 'missing'}`]),
  ];
}

function nativeFiles(folder) {
  const found = [];
  const pending = [folder];
  while (pending.length > 0) {
    const current = pending.pop();
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      // Nested packages have entries of their own in the lock file.
      if (entry.isDirectory() && entry.name !== 'node_modules') pending.push(path);
      if (entry.isFile() && (entry.name === 'binding.gyp' || entry.name.endsWith('.node'))) {
        found.push(relative(folder, path));
      }
    }
  }
  return found.sort();
}

function licence({ license, licenses }) {
  const stated = license ?? licenses ?? '';
  if (Array.isArray(stated)) return stated.map((one) => one.type ?? one).join(' OR ');
  return stated.type ?? stated;
}

/** Of an SPDX expression: one alternative suffices, of a conjunction every part counts; a mixture is for a person. */
function isPermissive(expression) {
  const parts = expression.replace(/[()]/g, '').split(/ (OR|AND) /);
  const [names, operators] = [parts.filter((_, i) => i % 2 === 0), new Set(parts.filter((_, i) => i % 2 === 1))];
  if (operators.size > 1) return false;
  return operators.has('OR') ? names.some((name) => PERMISSIVE.has(name)) : names.every((name) => PERMISSIVE.has(name));
}

function check(root) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  let allFit = true;
  for (const path of productionTree(lock, DEVICE_PATH)) {
    const folder = join(root, path);
    if (!existsSync(folder)) throw new Error(`${path}: not installed; expected after npm install`);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const problems = objections(folder, lock.packages[path], manifest);
    const line = `${manifest.name} ${manifest.version} ${licence(manifest)}`.trim();
    process.stdout.write(problems.length === 0 ? `fit   ${line}\n` : `UNFIT ${line}: ${problems.join('; ')}\n`);
    allFit &&= problems.length === 0;
  }
  return allFit;
}

try {
  const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
  process.exitCode = check(root) ? 0 : 1;
} catch (error) {
  process.stderr.write(`check-device-path: ${error.message}\n`);
  process.exitCode = 1;
}
