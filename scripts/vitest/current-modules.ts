import { fileURLToPath } from 'node:url';
import { compileKernels } from '../build/kernels.mjs';
import { mergeModules } from '../build/modules.mjs';

/**
 * Tests see the other packages, the command and the threads as they are built. So that no test looks at yesterday's
 * code, every run begins with bringing that up to date; what did not change is not written.
 */
export async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  await compileKernels(root);
  await mergeModules(root);
}
