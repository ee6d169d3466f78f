import { durationOf } from 'spikewire/desk';
import { AnomalyNets, type AnomalySettings, BALANCED, SENSITIVITIES } from '../anomaly/anomaly-nets.ts';
import { Changes, type ExtractedFlags, extractFlags } from '../anomaly/said.ts';
import type { FieldTable, FieldValues } from '../field.ts';
import { type Answered, NodeMessages } from '../messages/node-messages.ts';
import { closeWith, newNets } from '../nets/node-nets.ts';
import { keptFields, ownNetSettings, placeFields, readChannels, readingFields, topicFields } from '../nets/settings.ts';
import { takeFolder } from '../nets/store-folders.ts';
import { isFree, updateLine } from '../nets/update-orders.ts';
import { updateFields } from '../nets/update-settings.ts';
import { type Message, type NodeRed, type NodeStatus, type RuntimeNode, userDirOf } from '../node-red.ts';
import { withAddress } from './device.ts';
import { paletteNode } from './node.ts';

const { onNewModel: _, ...kept } = keptFields;

const fields = {
  channels: { form: 'text', icon: 'line-chart', hint: 'channels' },
  ...readingFields,
  sensitivity: { form: 'word', icon: 'bell-o', words: ['few', 'balanced', 'sensitive', 'number'], default: 'balanced' },
  limit: {
    form: 'number',
    icon: 'sliders',
    minimum: 0.1,
    maximum: 1000,
    default: BALANCED,
    unit: 'limit',
    when: { sensitivity: 'number' },
  },
  holdOff: { form: 'integer', icon: 'bell-slash-o', minimum: 0, maximum: 1e9, hint: 'holdOff', unit: 'readings' },
  inRow: { form: 'integer', icon: 'list-ol', minimum: 1, maximum: 1e6, default: 1, unit: 'unusual' },
  warmUp: { form: 'integer', icon: 'hourglass-start', minimum: 20, maximum: 1e5, hint: 'warmUp', unit: 'warmUp' },
  ...topicFields,
  ...kept,
  ...placeFields,
  ...updateFields,
} as const satisfies FieldTable;

type Fields = FieldValues<typeof fields>;

/** Says what is unusual about a stream, with nets of its own. */
export const anomalyNode = paletteNode({
  type: 'spikewire-anomaly',
  category: 'spikewire',
  label: 'anomaly',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['input'],
  outputs: ['all', 'unusual', 'normal'],
  fields,
  first: ['channels', 'sensitivity', 'limit', 'per', 'capacity', 'only'],
  sections: { updates: Object.keys(updateFields) },
  tip: 'commands',
  open: openAnomaly,
});

function openAnomaly(RED: NodeRed, node: RuntimeNode, stored: Fields): void {
  const settings = anomalySettings(withAddress(RED, stored), node.id, userDirOf(RED));
  takeFolder(node, settings.directory);
  const sorter = new Sorter(RED, settings.per);
  const messages = new NodeMessages(RED, node, {
    netsFor: (message) => nets.netsFor(message),
    async replied({ message, output }) {
      if (output === 'answer' && message.command === 'reset') await nets.forget();
    },
    outputsOf: (answer) => sorter.outputsOf(answer),
    statusOf(answer) {
      const own = sorter.statusOf(answer);
      if (!isFree(answer) || (own !== undefined && own.text !== 'status.normal')) return own;
      return updateLine(RED, nets.nets.updateStatus) ?? own;
    },
  });
  const nets: AnomalyNets = new AnomalyNets(
    settings,
    (own) => {
      const made = newNets(node, own);
      messages.sendAlarms(made);
      messages.sendUpdates(made);
      return made;
    },
    (line) => node.warn(line),
  );
  closeWith(node, () => nets.close());
  showStart(nets, node, messages);
}

function showStart(nets: AnomalyNets, node: RuntimeNode, messages: NodeMessages): void {
  nets.knowsChannels().then((known) => {
    if (!known) return messages.status.waiting();
    messages.showStart(() => nets.nets);
    nets.nets.open().catch((failure: Error) => node.error(failure.message));
  });
}

function anomalySettings(stored: Fields, id: string, userDir: string): AnomalySettings {
  const { channels, sensitivity, limit, holdOff, inRow, warmUp, ...own } = stored;
  return {
    ...ownNetSettings({ ...own, onNewModel: 'keep' }, id, userDir),
    channels: channels === '' ? undefined : readChannels(channels, 'channels'),
    alarms: { sensitivity: sensitivity === 'number' ? limit : SENSITIVITIES[sensitivity], holdOff, inRow },
    warmUp,
  };
}

/** What goes where, and what stands below the node. */
class Sorter {
  readonly #RED: NodeRed;
  readonly #per: 'flow' | 'topic';
  readonly #changes = new Changes();
  readonly #extracted = new WeakMap<Message, ExtractedFlags>();

  constructor(RED: NodeRed, per: 'flow' | 'topic') {
    this.#RED = RED;
    this.#per = per;
  }

  /** The payload stays what came; what is known of it is in `msg.spikewire`. */
  outputsOf({ message, output, asked, state }: Answered): (Message | null)[] {
    if (output === 'answer') return [message, null, null];
    const spoken = extractFlags(message);
    this.#extracted.set(message, spoken);
    // Of a flow's only net, which tells of silence without a topic, whatever topics its readings have.
    const change = this.#changes.take(this.#per === 'flow' ? '' : String(message.topic), spoken);
    const { payload: expected, spikewire } = message;
    const { said } = spoken;
    const known = { ...(spikewire as object), ...(said ?? {}), ...(change === undefined ? {} : { change }) };
    // Without a state it is about there being no reading.
    Object.assign(message, { payload: state ? asked : null, spikewire: state ? { ...known, expected } : known });
    const isNews = change === 'normal' || change === 'new level';
    return [state ? message : null, change === 'unusual' ? message : null, isNews ? message : null];
  }

  statusOf({ message, state }: Answered): NodeStatus | undefined {
    const spoken = this.#extracted.get(message);
    // A ring stands longer: there will be no other reading that says so.
    if (spoken?.newLevel) return { fill: 'blue', shape: 'ring', text: 'status.newLevel' };
    if (spoken?.said !== undefined) return this.#unusual(spoken.said);
    if (state === undefined || state.storeProblem !== undefined) return undefined;
    const { done, of, secondsLeft } = state.warmUp;
    if (done < of) return this.#warmUp(of - done, secondsLeft ?? undefined);
    return state.learning ? { fill: 'green', shape: 'dot', text: 'status.normal' } : undefined;
  }

  #unusual({ kind, channel }: NonNullable<ExtractedFlags['said']>): NodeStatus {
    const text = this.#RED._(`said.${kind}`);
    return { fill: 'red', shape: 'dot', text: channel === undefined ? text : `${text}: ${channel}` };
  }

  #warmUp(readings: number, secondsLeft: number | undefined): NodeStatus {
    const text =
      secondsLeft === undefined
        ? this.#RED._('status.warmUpReadings', { n: readings })
        : this.#RED._('status.warmUpLeft', { left: durationOf(1000 * secondsLeft) });
    return { fill: 'yellow', shape: 'dot', text };
  }
}
