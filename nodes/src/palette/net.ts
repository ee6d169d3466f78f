import { SpikewireError } from 'spikewire';
import { Nets } from '../nets/nets.ts';
import { netsOfNode } from '../nets/node-nets.ts';
import { netFields, netSettings } from '../nets/settings.ts';
import { updateFields } from '../nets/update-settings.ts';
import { keepModel, MOST_UPLOADED_BYTES, tooLarge } from '../nets/uploaded-models.ts';
import { type NodeRed, userDirOf } from '../node-red.ts';
import { answerEditor, answerFrom } from './answer-editor.ts';
import { withAddress } from './device.ts';
import { paletteNode } from './node.ts';
import { type Part, partOf } from './node-part.ts';

/** Its nets are what each node that has some keeps. */
export const NETS: Part<Nets> = { name: 'nets', kind: Nets };

/** The owner of nets. */
export const netNode = paletteNode({
  type: 'spikewire-net',
  category: 'config',
  label: 'spikewire-net',
  labelField: 'model',
  fields: netFields,
  first: ['model', 'warmUp', 'per', 'capacity', 'only'],
  sections: { updates: Object.keys(updateFields) },
  editor: 'net.editor.js',
  open(RED, node, fields) {
    const settings = netSettings(withAddress(RED, fields), node.id, userDirOf(RED));
    Object.assign(node, { nets: netsOfNode(node, settings) });
  },
  serve,
});

/** The nets of a `spikewire-net` node. Throws what its problem is, or that there is none. */
export function netsOf(RED: NodeRed, net: string): Nets {
  const nets = partOf(RED, net, NETS);
  if (nets instanceof Nets) return nets;
  throw nets ?? new SpikewireError('usage', 'net', 'is not set or disabled', 'a spikewire-net node');
}

function serve(RED: NodeRed): void {
  serveNets(RED);
  serveUploads(RED);
}

/** What the editor asks of a net that runs, for those who may read flows. */
function serveNets(RED: NodeRed): void {
  RED.httpAdmin.get('/spikewire/nets/:id', RED.auth.needsPermission('spikewire-net.read'), ({ params }, response) => {
    answerFrom(RED, response, NETS, params.id, (nets) => nets.describe());
  });
}

/** Takes a model from an editor, of those who may change flows. */
function serveUploads(RED: NodeRed): void {
  const mayWrite = RED.auth.needsPermission('spikewire-net.write');
  RED.httpAdmin.post('/spikewire/models/:name', mayWrite, (request, response) => {
    const keeping =
      Number(request.headers['content-length']) > MOST_UPLOADED_BYTES
        ? Promise.reject(tooLarge())
        : keepModel(request.params.name!, request, userDirOf(RED));
    answerEditor(response, keeping);
  });
}
