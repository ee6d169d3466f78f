import { Monitor } from '../nets/monitor.ts';
import { Nets } from '../nets/nets.ts';
import type { NodeRed } from '../node-red.ts';
import { answerFrom } from './answer-editor.ts';
import { NETS } from './net.ts';
import { partOf } from './node-part.ts';
import type { PalettePlugin } from './plugin.ts';

/** A tab of the sidebar that shows what nets do: readings, score, spikes. */
export const monitorPlugin: PalettePlugin = {
  id: 'spikewire-monitor',
  editor: 'monitor.sidebar.js',
  serve: serveMonitor,
};

function serveMonitor(RED: NodeRed): void {
  const monitor = new Monitor();
  const mayRead = RED.auth.needsPermission('spikewire-monitor.read');
  RED.httpAdmin.get('/spikewire/monitor', mayRead, (_request, response) => response.json(nodesWithNets(RED)));
  RED.httpAdmin.get('/spikewire/monitor/:id', mayRead, ({ params, query = {} }, response) => {
    const { id } = params;
    const { net, after } = query;
    const name = typeof net === 'string' ? net : undefined;
    answerFrom(RED, response, NETS, id, (nets) => monitor.look(id!, nets, name, Number(after) || 0));
  });
}

/** Nodes that have nets of their own, by what a person calls them. */
function nodesWithNets(RED: NodeRed): { readonly id: string; readonly name: string }[] {
  const found: { readonly id: string; readonly name: string }[] = [];
  RED.nodes.eachNode(({ id, type, name }) => {
    if (partOf(RED, id, NETS) instanceof Nets) found.push({ id, name: name ? `${name} (${type})` : type });
  });
  return found;
}
