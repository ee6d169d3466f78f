import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packages } from '../build/typescript.mjs';

/** Documents that name the files of a release. */
const NAMING = ['README.md', 'docs/install.md', 'docs/guide/README.md', 'docs/guide/node-red.md', 'nodes/README.md'];

/** Why the sources in `root` cannot become a release, a line each. */
export function releaseProblems(root) {
  const { version } = readJson(root, 'package.json');
  return [
    ...changes(root),
    ...otherVersions(root, version),
    ...missingInChangelog(root, version),
    ...NAMING.flatMap((path) => otherFiles(root, path, version)),
    ...(existsSync(join(root, 'test/kept', version))
      ? []
      : [`test/kept/${version} does not exist; expected the files of node test/kept/write.mjs`]),
  ];
}

function changes(root) {
  const status = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  const files = status.split('\n').filter(Boolean);
  return files.map((line) => `${line.slice(3)} is not committed; expected a clean working tree`);
}

/** Every package and the lock file have the version of the workspace, and packages need each other in it. */
function otherVersions(root, version) {
  const folders = [...packages(root), 'test'];
  const manifests = new Map(folders.map((folder) => [folder, readJson(root, `${folder}/package.json`)]));
  const names = new Set([...manifests.values()].map(({ name }) => name));
  const lock = readJson(root, 'package-lock.json').packages;
  const found = [
    ['package-lock.json', lock[''].version],
    ['package.json', ...siblings(readJson(root, 'package.json'), names)],
    ...[...manifests].map(([folder, manifest]) => [folder, manifest.version, ...siblings(manifest, names)]),
    ...folders.map((folder) => [`package-lock.json of ${folder}`, lock[folder]?.version]),
  ];
  return found.flatMap(([place, ...versions]) =>
    versions
      .filter((other) => other !== version)
      .map((other) => `${place} has version ${other}; expected ${version} everywhere`),
  );
}

function siblings({ dependencies = {} }, names) {
  return Object.entries(dependencies).flatMap(([name, range]) => (names.has(name) ? [range] : []));
}

function missingInChangelog(root, version) {
  const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const [, newest] = /^## \[(.+?)\] - \d{4}-\d\d-\d\d$/m.exec(text) ?? [];
  return newest === version ? [] : [`CHANGELOG.md begins with ${newest}; expected ${version} with a date`];
}

/** Names of tarballs with another version. */
function otherFiles(root, path, version) {
  const names = readFileSync(join(root, path), 'utf8').match(/spikewire[a-z-]*-\d+\.\d+\.\d+\.tgz/g) ?? [];
  const others = names.filter((name) => !name.endsWith(`-${version}.tgz`));
  return others.map((name) => `${path} names ${name}; expected version ${version}`);
}

function readJson(root, path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
