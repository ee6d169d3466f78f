#!/usr/bin/env node
// Builds the workspace: kernels to WebAssembly, modules merged into few files of JavaScript, assets of the page beside
// its code, files of Node-RED's nodes, licences into packages, types checked and declared. Quiet when all is well.
// Where types are wrong the code is up to date all the same.
import { fileURLToPath } from 'node:url';
import { compileKernels } from './build/kernels.mjs';
import { copyLicences } from './build/licences.mjs';
import { linkPackages } from './build/links.mjs';
import { mergeModules } from './build/modules.mjs';
import { copyPageAssets } from './build/page.mjs';
import { writePalette } from './build/palette.mjs';
import { compileTypeScript, removeStaleDeclarations } from './build/typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

async function build() {
  linkPackages(root);
  await compileKernels(root);
  await mergeModules(root);
  await writePalette(root);
  copyPageAssets(root);
  copyLicences(root);
  compileTypeScript(root);
  removeStaleDeclarations(root);
}

try {
  await build();
} catch (error) {
  process.stderr.write(`build: ${error.message}\n`);
  process.exitCode = 1;
}
