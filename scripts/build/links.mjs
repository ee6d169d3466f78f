import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packages } from './typescript.mjs';

/** Links packages that came after the last `npm install`, as that would: packages see each other by their names. */
export function linkPackages(root) {
  const modules = join(root, 'node_modules');
  if (!existsSync(modules)) return;
  for (const folder of packages(root)) {
    const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const link = join(modules, name);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), join(root, folder)), link, 'dir');
  }
}
