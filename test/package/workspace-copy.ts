import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Copies the repository as it stands here into a folder, with links to the packages of others that are installed here.
 * Files keep their times, by which the compiler knows what is built.
 */
export function copyWorkspace(folder: string): void {
  const options = { recursive: true, preserveTimestamps: true };
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files) cpSync(join(ROOT, file), join(folder, file), options);
  const modules = join(ROOT, 'node_modules');
  mkdirSync(join(folder, 'node_modules'));
  // Ours are linked by the build.
  const others = readdirSync(modules).filter((name) => name !== 'spikewire' && name !== '@spikewire');
  for (const name of others) symlinkSync(join(modules, name), join(folder, 'node_modules', name));
}
