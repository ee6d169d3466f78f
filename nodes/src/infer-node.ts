import { SpikewireError } from 'spikewire';
import { reply } from './infer.ts';
import type { NetNode } from './net-node.ts';
import { Nets } from './nets.ts';
import type { Message, NodeConfiguration, NodeRed, RuntimeNode } from './node-red.ts';
import { StatusLine } from './status-line.ts';

/** Makes a node of Node-RED put messages through the nets of its `spikewire-net` node. */
export function openInfer(RED: NodeRed, node: RuntimeNode, configuration: NodeConfiguration): void {
  const status = new StatusLine(node, RED._);
  showStart(RED, configuration, status);
  node.on('input', (message, send, done) => {
    handle(RED, node, configuration, message)
      .then(
        ({ message: answer, output, state, problem }) => {
          if (output !== 'none') send(output === 'result' ? [answer, null] : [null, answer]);
          if (problem !== undefined) status.problem(problem);
          else if (state !== undefined) status.state(state);
          else status.gathering();
          done(problem as Error | undefined);
        },
        (problem: Error) => {
          status.problem(problem);
          done(problem);
        },
      )
      // What a later node throws must not end Node-RED.
      .catch((failure: Error) => node.error(failure.message));
  });
  node.on('close', (_removed, done) => {
    status.close();
    done();
  });
}

async function handle(RED: NodeRed, node: RuntimeNode, configuration: NodeConfiguration, message: Message) {
  return reply(netsOf(RED, configuration), message, () => taughtBy(RED, node, configuration, message));
}

function showStart(RED: NodeRed, configuration: NodeConfiguration, status: StatusLine): void {
  Promise.resolve()
    .then(() => netsOf(RED, configuration).open())
    .then(
      () => status.waiting(),
      (problem) => status.problem(problem),
    );
}

function netsOf(RED: NodeRed, { net }: NodeConfiguration): Nets {
  const nets = (RED.nodes.getNode(net) as Partial<NetNode> | null)?.nets;
  if (nets instanceof Nets) return nets;
  throw nets ?? new SpikewireError('usage', 'net', 'is not set or disabled', 'a spikewire-net node');
}

/** The value of the property that the node's `teach` names; undefined where the message has none. */
function taughtBy(
  RED: NodeRed,
  node: RuntimeNode,
  configuration: NodeConfiguration,
  message: Message,
): Promise<unknown> {
  const property = String(configuration.teach ?? 'label');
  const type = String(configuration.teachType ?? 'msg');
  if (property === '') return Promise.resolve(undefined);
  if (type === 'msg' && /^\w+$/.test(property)) return Promise.resolve(message[property]);
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(property, type, node, message, (problem, value) => {
      // `a.b` of a message without `a` is one.
      if (type === 'msg' && problem instanceof TypeError) resolve(undefined);
      else if (problem === null || problem === undefined) resolve(value);
      else reject(new SpikewireError('input', `${type}.${property}`, problem.message, 'a label or target', problem));
    });
  });
}
