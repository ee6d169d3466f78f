import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** `tsc -b` over the projects of the root tsconfig.json; its diagnostics go to standard error as they are. */
export function compileTypeScript(root) {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-b', ...projects(root)], {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'],
  });
  if (status !== 0) throw new Error('TypeScript reports errors, see above');
}

/**
 * `tsc` leaves the output of a deleted source where it was, from where it would still be imported and packed. Every
 * output has a source map that names its source; where that is gone, the output goes.
 */
export function removeStaleOutput(root) {
  for (const project of projects(root)) {
    const output = join(root, project, 'dist');
    if (!existsSync(output)) continue;
    for (const name of readdirSync(output, { recursive: true })) {
      if (!name.endsWith('.js.map')) continue;
      const map = join(output, name);
      const [source] = JSON.parse(readFileSync(map, 'utf8')).sources;
      if (existsSync(resolve(dirname(map), source))) continue;
      const stem = map.slice(0, -'.js.map'.length);
      for (const ending of ['.js', '.js.map', '.d.ts', '.d.ts.map']) rmSync(`${stem}${ending}`, { force: true });
    }
  }
}

function projects(root) {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return references.map(({ path }) => path).filter((path) => existsSync(join(root, path, 'tsconfig.json')));
}
