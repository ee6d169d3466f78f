import { Audit } from 'spikewire/desk';
import { Nets } from './nets.ts';
import type { RuntimeNode } from './node-red.ts';
import type { NetSettings } from './settings.ts';

/** Nets that end with a node of Node-RED, which says in its log what a person should know of them. */
export function netsOfNode(node: RuntimeNode, settings: NetSettings): Nets {
  const warnings = new Audit((line) => node.warn(line));
  const nets = new Nets(settings, { warn: (line) => warnings.say('warning', line) });
  nets.open().catch((failure: Error) => node.error(failure.message));
  node.on('close', (_removed, done) => {
    nets
      .close()
      .catch((failure: Error) => node.error(failure.message))
      .finally(done);
  });
  return nets;
}
