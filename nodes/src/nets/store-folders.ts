import { SpikewireError } from 'spikewire';
import type { RuntimeNode } from '../node-red.ts';

/** The nodes that run, by the folders in which they keep what they learn. */
const owners = new Map<string, RuntimeNode>();

/**
 * Gives a node its folder until it is closed: what lies there beside the stores has no lock of its own. Throws `store`
 * where another node has it.
 */
export function takeFolder(node: RuntimeNode, directory: string): void {
  const owner = owners.get(directory);
  // A node that was deployed anew may come before the end of the former one with its id.
  if (owner !== undefined && owner.id !== node.id) {
    const problem = `in use by this process, node ${owner.id}`;
    throw new SpikewireError('store', `store ${directory}`, problem, 'a folder of its own for each node');
  }
  owners.set(directory, node);
  node.on('close', (_removed, done) => {
    if (owners.get(directory) === node) owners.delete(directory);
    done();
  });
}
