import { Audit } from 'spikewire/desk';
import type { RuntimeNode } from '../node-red.ts';
import { Nets } from './nets.ts';
import type { NetSettings } from './settings.ts';
import { takeFolder } from './store-folders.ts';

/** Nets of a node of Node-RED, its `nets`; it says in its log what a person should know of them. */
export function newNets(node: RuntimeNode, settings: NetSettings): Nets {
  const warnings = new Audit((line) => node.warn(line));
  const nets = new Nets(settings, { warn: (line) => warnings.say('warning', line) });
  Object.assign(node, { nets });
  return nets;
}

/** The same, opened at once, and closed with the node. Throws `store` where another node has their folder. */
export function netsOfNode(node: RuntimeNode, settings: NetSettings): Nets {
  takeFolder(node, settings.directory);
  const nets = newNets(node, settings);
  nets.open().catch((failure: Error) => node.error(failure.message));
  closeWith(node, () => nets.close());
  return nets;
}

/** Node-RED waits for what a node has to close. */
export function closeWith(node: RuntimeNode, close: () => Promise<void>): void {
  node.on('close', (_removed, done) => {
    close()
      .catch((failure: Error) => node.error(failure.message))
      .finally(done);
  });
}
