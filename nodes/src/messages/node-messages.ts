import { onAlarm, type Reply, reply } from '../nets/infer.ts';
import type { Nets } from '../nets/nets.ts';
import { giveOrder, UpdateTeller, updateLine } from '../nets/update-orders.ts';
import type { Message, NodeRed, NodeStatus, RuntimeNode } from '../node-red.ts';
import { inPlainWords } from '../plain-words.ts';
import { StatusLine } from './status-line.ts';

/** A reply, and the payload for which it came. */
export interface Answered extends Reply {
  readonly asked?: unknown;
}

/** What is a node's own about messages that it puts through nets. */
export interface MessageHandling {
  /** The nets for a message. Throws or rejects with why there are none. */
  netsFor(message: Message): Nets | Promise<Nets>;
  /** The label or target that came with a message; none where absent. */
  taughtBy?(message: Message): Promise<unknown>;
  /** What only this node can do for a message that is no order about updates; undefined where that is nothing. */
  own?(nets: Nets, message: Message): Promise<Reply | undefined>;
  /** What else is done before a reply is sent. */
  replied?(reply: Answered): Promise<void>;
  /** What goes to each output, of a reply that has something to say. */
  outputsOf(reply: Answered): readonly (Message | null)[];
  /** What stands below the node after a reply or an alarm; as of `spikewire-infer` where absent or undefined. */
  statusOf?(reply: Answered): NodeStatus | undefined;
}

/**
 * The messages of a node of Node-RED, from its input through nets to its outputs and its status, until it is closed.
 * What is wrong with one goes to Catch nodes, and the flow goes on.
 */
export class NodeMessages {
  readonly status: StatusLine;
  readonly #RED: NodeRed;
  readonly #node: RuntimeNode;
  readonly #handling: MessageHandling;
  readonly #stops: (() => void)[] = [];
  #closed = false;

  constructor(RED: NodeRed, node: RuntimeNode, handling: MessageHandling) {
    this.#RED = RED;
    this.#node = node;
    this.#handling = handling;
    this.status = new StatusLine(node, RED._);
    node.on('input', (message, send, done) => {
      this.#reply(message)
        .then(
          (answer) => {
            if (answer.output !== 'none') send(handling.outputsOf(answer));
            this.#showReply(answer);
            done(inPlainWords(answer.problem));
          },
          (problem: Error) => {
            // Those that come while a flow ends are lost, as with any other node.
            if (this.#closed) return done();
            this.status.problem(problem);
            done(inPlainWords(problem));
          },
        )
        // What a later node throws must not end Node-RED.
        .catch((failure: Error) => node.error(failure.message));
    });
    node.on('close', (_removed, done) => {
      this.#closed = true;
      for (const stop of this.#stops) stop();
      this.status.close();
      done();
    });
  }

  /** Shows whether there are nets before the first message comes. */
  showStart(netsAtStart: () => Nets): void {
    Promise.resolve()
      .then(() => netsAtStart().open())
      .then(
        () => this.status.waiting(),
        (problem) => this.status.problem(problem),
      );
  }

  /** Sends the alarms that these nets give because no reading comes. */
  sendAlarms(nets: Nets): void {
    const stop = onAlarm(nets, (message) => {
      const alarm: Reply = { message, output: 'result' };
      this.#node.send(this.#handling.outputsOf(alarm));
      this.status.unusual(this.#handling.statusOf?.(alarm));
    });
    this.#stops.push(stop);
  }

  async #reply(message: Message): Promise<Answered> {
    const asked = message.payload;
    const nets = await this.#handling.netsFor(message);
    const own = (await giveOrder(nets, message)) ?? (await this.#handling.own?.(nets, message));
    const answer = { ...(own ?? (await reply(nets, message, async () => this.#handling.taughtBy?.(message)))), asked };
    await this.#handling.replied?.(answer);
    return answer;
  }

  #showAnswered(own: NodeStatus | undefined): void {
    if (own === undefined) this.status.waiting();
    else this.status.show(own);
  }

  /** Sends what there is to tell about the updates of these nets, and shows it. */
  sendUpdates(nets: Nets): void {
    const teller = new UpdateTeller(nets);
    const stop = nets.observeUpdates((status) => {
      for (const message of teller.messagesOf(status))
        this.#node.send(this.#handling.outputsOf({ message, output: 'answer' }));
      const line = updateLine(this.#RED, status);
      if (line !== undefined) this.status.show(line);
    });
    this.#stops.push(stop);
  }

  #showReply(answer: Answered): void {
    if (answer.problem !== undefined) this.status.problem(answer.problem);
    else if (answer.state !== undefined) this.status.state(answer.state, this.#handling.statusOf?.(answer));
    else if (answer.output === 'answer') this.#showAnswered(this.#handling.statusOf?.(answer));
    else this.status.gathering(answer.gathering);
  }
}
