#!/usr/bin/env node
// Builds the workspace: kernels to WebAssembly, TypeScript to JavaScript, assets of the page beside their code.
// Quiet when all is well; a second run with nothing changed takes as long as `tsc -b` needs to see that.
import { fileURLToPath } from 'node:url';
import { compileKernels } from './build/kernels.mjs';
import { copyPageAssets } from './build/page.mjs';
import { compileTypeScript, removeStaleOutput } from './build/typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

async function build() {
  await compileKernels(root);
  copyPageAssets(root);
  compileTypeScript(root);
  removeStaleOutput(root);
}

try {
  await build();
} catch (error) {
  process.stderr.write(`build: ${error.message}\n`);
  process.exitCode = 1;
}
