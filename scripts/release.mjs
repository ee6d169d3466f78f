#!/usr/bin/env node
// Makes the files of a release: the tarballs, a bill of materials for each, the bit streams of FPGA boards that were
// built (devices/rtl/README.md), and SHA256SUMS. It checks the sources first, and publishes nothing: at the end it
// prints the commands that do.
//
//   npm run release                        or: node scripts/release.mjs [folder]     (default pack)
//   npm run release -- --dry-run           the same in a temporary folder, which it removes
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { digestOfSources } from '../devices/rtl/build/boards.mjs';
import { packages } from './build/typescript.mjs';
import { copyBitStreams } from './release/bit-streams.mjs';
import { releaseProblems } from './release/checks.mjs';
import { publishProblems } from './release/published.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const say = (line) => process.stdout.write(`${line}\n`);

/** Returns the files that it made. */
function release(folder) {
  refuse(releaseProblems(root));
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
  refuse(packages(root).flatMap((name) => publishProblems(join(root, name))));
  mkdirSync(folder, { recursive: true });
  const tarballs = ['device', 'trainer', 'palette'].map((what) => pack(what, folder));
  const bitStreams = copyBitStreams(join(root, 'devices/rtl/out'), folder, digestOfSources);
  const files = [...tarballs.flatMap((tarball) => [tarball, writeBill(tarball)]), ...bitStreams];
  const sums = join(folder, 'SHA256SUMS');
  writeFileSync(sums, files.map(sumOf).join(''));
  return [...files, sums];
}

/** Ends the release if there are problems. */
function refuse(problems) {
  if (problems.length > 0) throw new Error(problems.join('\nrelease: '));
}

function pack(what, folder) {
  const words = [join(root, 'scripts/pack.mjs'), what, folder];
  return execFileSync(process.execPath, words, { encoding: 'utf8' }).trim();
}

/** The bill of materials that a tarball contains, also beside it. */
function writeBill(tarball) {
  const path = tarball.replace(/\.tgz$/, '.cdx.json');
  writeFileSync(path, execFileSync('tar', ['-xzOf', tarball, 'package/sbom.cdx.json']));
  return path;
}

/** A line that `sha256sum --check` reads. */
function sumOf(path) {
  return `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${basename(path)}\n`;
}

/** Packages in an order in which each finds those that it depends on. */
function inOrder() {
  const manifests = packages(root).map((folder) => ({
    folder,
    ...JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
  }));
  const names = new Set(manifests.map(({ name }) => name));
  const ordered = [];
  const add = ({ folder, dependencies = {} }) => {
    for (const manifest of manifests)
      if (names.has(manifest.name) && manifest.name in dependencies && !ordered.includes(manifest.folder))
        add(manifest);
    if (!ordered.includes(folder)) ordered.push(folder);
  };
  for (const manifest of manifests) add(manifest);
  return ordered;
}

function sayNext(files) {
  say(`spikewire ${version} is ready:`);
  for (const path of files) say(`  ${path}`);
  say('next:');
  say(`  git tag -a v${version} -m 'spikewire ${version}' && git push origin v${version}`);
  for (const name of inOrder()) say(`  npm publish --access public ./${name}`);
  say('  publish the files above with the text of this version in CHANGELOG.md');
}

const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const isDry = values['dry-run'];
const folder = isDry
  ? mkdtempSync(join(tmpdir(), 'spikewire-release-'))
  : resolve(positionals[0] ?? join(root, 'pack'));
try {
  sayNext(release(folder));
  if (isDry) say('this was a dry run: these files are removed again');
} catch (error) {
  process.stderr.write(`release: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  if (isDry) rmSync(folder, { recursive: true });
}
