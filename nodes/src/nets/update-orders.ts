import type { UpdateStatus } from 'spikewire/agent';
import { readUpdateOrder, UPDATE_ANSWERS, type UpdateQuestion } from 'spikewire/desk';
import type { Message, NodeRed, NodeStatus } from '../node-red.ts';
import type { Reply } from './infer.ts';
import type { Nets } from './nets.ts';

/** `msg.topic` of what is said about updates. */
export const UPDATE_TOPIC = 'update';

/** Whether a message is about the updates of these nets, and so no reading. */
export function isOrder(nets: Nets, { topic, payload }: Message): boolean {
  return topic === UPDATE_TOPIC && typeof payload === 'string' && nets.settings.updates !== undefined;
}

/**
 * Does what a message with the topic `update` asks for in its payload: `status`, or an order; undefined for another
 * message. Rejects with why that cannot be; nothing has changed then.
 */
export async function giveOrder(nets: Nets, message: Message): Promise<Reply | undefined> {
  if (!isOrder(nets, message)) return undefined;
  const { payload, carrying, model } = message;
  const said = { action: payload, carrying, ...(payload === 'retry' && { model }) };
  const order = payload === 'status' ? undefined : readUpdateOrder(said);
  const status = await nets.update(order ?? { action: 'status' });
  const answer = order === undefined ? status.summary : UPDATE_ANSWERS[order.action];
  Object.assign(message, { payload: answer, spikewire: status });
  return { message, output: 'answer' };
}

/** What a flow is told: where updates stand, and about which readings a person should be asked. */
export class UpdateTeller {
  readonly #nets: Nets;
  /** The question that was asked last; those of a trial have rising numbers. */
  #asked = { candidate: null as string | null, id: 0 };

  constructor(nets: Nets) {
    this.#nets = nets;
  }

  messagesOf(status: UpdateStatus): Message[] {
    const { candidate, summary, questions } = status;
    if (candidate !== this.#asked.candidate) this.#asked = { candidate, id: 0 };
    const fresh = questions.filter(({ id }) => id > this.#asked.id);
    this.#asked = { candidate, id: fresh.at(-1)?.id ?? this.#asked.id };
    const news = { topic: UPDATE_TOPIC, payload: summary, spikewire: status };
    return [news, ...fresh.map((question) => this.#messageOf(question))];
  }

  /** With the topic of the net and the time of the reading, which a label that answers it must have. */
  #messageOf(question: UpdateQuestion): Message {
    const { net, time, answering, watched } = question;
    const topic = this.#nets.topicOf(net);
    const payload = `${new Date(time).toISOString()}: ${answering}, or ${watched}?`;
    return { ...(topic === undefined ? {} : { topic }), payload, t: time, question };
  }
}

/** Whether there is nothing to say below a node that matters more than an update. */
export function isFree({ output, state }: Reply): boolean {
  if (state === undefined) return output === 'answer';
  const { anomaly, storeProblem, warmUp } = state;
  return !anomaly && storeProblem === undefined && warmUp.done >= warmUp.of;
}

/** What stands below a node about updates; undefined where there is nothing that a person should know or do. */
export function updateLine(RED: NodeRed, status: UpdateStatus | undefined): NodeStatus | undefined {
  if (status === undefined) return undefined;
  const { state, current, labelsWanted, problem } = status;
  if (current === null) return { fill: 'yellow', shape: 'dot', text: 'status.noModelYet' };
  const blue = (text: string): NodeStatus => ({ fill: 'blue', shape: 'dot', text });
  if (state === 'shadow') {
    if (labelsWanted === null) return blue('status.needsApproval');
    return blue(labelsWanted === 1 ? 'status.needsLabel' : RED._('status.needsLabels', { n: labelsWanted }));
  }
  if (state === 'download') return blue('status.downloads');
  if (state === 'probation') return blue('status.probation');
  return problem === null ? undefined : { fill: 'yellow', shape: 'dot', text: 'status.noUpdates' };
}
