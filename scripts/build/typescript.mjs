import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/**
 * `tsc -b` over the projects of the root tsconfig.json: it checks types, and writes declarations and the page's
 * modules. Its diagnostics go to standard error as they are.
 */
export function compileTypeScript(root) {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-b', ...projects(root)], {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'],
  });
  if (status !== 0) throw new Error('TypeScript reports errors, see above');
}

/**
 * `tsc` leaves the declarations of a deleted source where they were, from where they would still be packed. Each has a
 * map that names its source; where that is gone, they go.
 */
export function removeStaleDeclarations(root) {
  for (const project of projects(root)) {
    const output = join(root, project, 'dist');
    if (!existsSync(output)) continue;
    for (const name of readdirSync(output, { recursive: true })) {
      if (!name.endsWith('.d.ts.map')) continue;
      const map = join(output, name);
      const [source] = JSON.parse(readFileSync(map, 'utf8')).sources;
      if (existsSync(resolve(dirname(map), source))) continue;
      for (const stale of [map, map.slice(0, -'.map'.length)]) rmSync(stale, { force: true });
    }
  }
}

/** Folders of the projects that the root tsconfig.json refers to and that are there. */
export function projects(root) {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return references.map(({ path }) => path).filter((path) => existsSync(join(root, path, 'tsconfig.json')));
}

/**
 * Those of them that are packages of their own.
 *
 * @returns {string[]}
 */
export function packages(root) {
  return projects(root).filter((path) => existsSync(join(root, path, 'package.json')));
}
