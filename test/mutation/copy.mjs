// A private copy of the repository, in which sources are mutated.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { linkPackages } from '../../scripts/build/links.mjs';

const LEFT_OUT = new Set(['.git', 'node_modules', 'pack', 'run', 'tmp', '.spikewire']);

/**
 * Copies the repository with what is built, links the packages of others, and calls `use` with the copy's folder. Data
 * beside the repository are beside the copy too.
 */
export async function withCopy(root, use) {
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-mutations-'));
  try {
    const copy = join(folder, 'copy');
    const isKept = (path) => !LEFT_OUT.has(relative(root, path));
    cpSync(root, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true, filter: isKept });
    linkModules(root, copy);
    const shared = join(root, '..', 'shared');
    if (existsSync(shared)) symlinkSync(shared, join(folder, 'shared'));
    return await use(copy);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function linkModules(root, copy) {
  const modules = join(root, 'node_modules');
  mkdirSync(join(copy, 'node_modules'));
  const others = readdirSync(modules).filter((name) => name !== 'spikewire' && name !== '@spikewire');
  for (const name of others) symlinkSync(join(modules, name), join(copy, 'node_modules', name));
  linkPackages(copy);
}
