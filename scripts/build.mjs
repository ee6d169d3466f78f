#!/usr/bin/env node
// Builds the workspace: kernels to WebAssembly, modules merged into few files of JavaScript, assets of the page beside
// its code, files of Node-RED's nodes, licences into packages, types checked and declared. The first build says on stderr
// what it does; later ones are quiet when all is well. Where types are wrong the code is up to date all the same.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileKernels } from './build/kernels.mjs';
import { copyLicences } from './build/licences.mjs';
import { linkPackages } from './build/links.mjs';
import { mergeModules } from './build/modules.mjs';
import { writePages } from './build/page.mjs';
import { writePalette } from './build/palette.mjs';
import { compileTypeScript, removeStaleDeclarations } from './build/typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const isFirst = !existsSync(join(root, 'runtime/dist/index.js'));
const say = (line) => isFirst && process.stderr.write(`${line}\n`);

async function build() {
  say('first build, about a minute; later ones take seconds');
  linkPackages(root);
  say('  1/3: compiles the kernels to WebAssembly');
  await compileKernels(root);
  say('  2/3: merges the modules, and writes the page and the nodes of Node-RED');
  await mergeModules(root);
  await writePalette(root);
  await writePages(root);
  copyLicences(root);
  say('  3/3: checks the types');
  compileTypeScript(root);
  removeStaleDeclarations(root);
}

try {
  await build();
} catch (error) {
  process.stderr.write(`build: ${error.message}\n`);
  process.exitCode = 1;
}
