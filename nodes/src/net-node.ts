import { Audit } from 'spikewire/desk';
import { Nets } from './nets.ts';
import type { NodeConfiguration, NodeRed, RuntimeNode } from './node-red.ts';
import { readSettings } from './settings.ts';

/** A `spikewire-net` node once it runs: its nets, or why it has none. */
export interface NetNode extends RuntimeNode {
  nets: Nets | Error;
}

/** Makes a node of Node-RED the owner of nets. */
export function openNet(RED: NodeRed, node: RuntimeNode, configuration: NodeConfiguration): void {
  const nets = openNets(RED, node, configuration);
  Object.assign(node, { nets });
  if (nets instanceof Error) {
    node.error(nets.message);
    return;
  }
  nets.open().catch((failure: Error) => node.error(failure.message));
  node.on('close', (_removed, done) => {
    nets
      .close()
      .catch((failure: Error) => node.error(failure.message))
      .finally(done);
  });
}

function openNets(RED: NodeRed, node: RuntimeNode, configuration: NodeConfiguration): Nets | Error {
  try {
    const settings = readSettings(configuration, node.id, RED.settings.userDir ?? process.cwd());
    const warnings = new Audit((line) => node.warn(line));
    return new Nets(settings, { warn: (line) => warnings.say('warning', line) });
  } catch (failure) {
    return failure as Error;
  }
}

/** What the editor asks of a net that runs, for those who may read flows. */
export function serveNets(RED: NodeRed): void {
  RED.httpAdmin.get('/spikewire/nets/:id', RED.auth.needsPermission('spikewire-net.read'), ({ params }, response) => {
    const nets = (RED.nodes.getNode(params.id) as Partial<NetNode> | null)?.nets;
    if (!(nets instanceof Nets)) {
      response.status(404).json({ error: nets?.message ?? 'not deployed' });
      return;
    }
    nets.describe().then(
      (description) => response.json(description),
      (failure: Error) => response.status(409).json({ error: failure.message }),
    );
  });
}
