import { resolve } from 'node:path';
import { SpikewireError } from 'spikewire';
import { ClassDesk } from '../classify/class-desk.ts';
import { ClassTraining, type TrainingState } from '../classify/class-training.ts';
import { Classifier, type ClassifierSettings } from '../classify/classifier.ts';
import type { TrainingFigures } from '../classify/training-figures.ts';
import type { FieldTable, FieldValues } from '../field.ts';
import { NodeMessages } from '../messages/node-messages.ts';
import { TYPED_VALUE, typedValue } from '../messages/typed-value.ts';
import type { Reply } from '../nets/infer.ts';
import { closeWith, newNets } from '../nets/node-nets.ts';
import { isAbsent } from '../nets/request.ts';
import { keptFields, modelPath, ownNetSettings, placeFields, readingFields, topicFields } from '../nets/settings.ts';
import { takeFolder } from '../nets/store-folders.ts';
import { isFree, updateLine } from '../nets/update-orders.ts';
import { updateFields } from '../nets/update-settings.ts';
import { type Message, type NodeRed, type NodeStatus, type RuntimeNode, userDirOf } from '../node-red.ts';
import { answerFrom } from './answer-editor.ts';
import { withAddress } from './device.ts';
import { paletteNode } from './node.ts';
import { type Part, partOf } from './node-part.ts';

const fields = {
  model: {
    form: 'typed',
    icon: 'sitemap',
    types: ['classes', 'file'],
    icons: { classes: 'tags', file: 'file-o' },
    default: '',
  },
  takes: { form: 'word', icon: 'bar-chart', words: ['readings', 'features'], default: 'readings' },
  rate: { form: 'number', icon: 'tachometer', minimum: 1e-6, maximum: 1e7, hint: 'rate', unit: 'hertz' },
  teach: { form: 'typed', icon: 'graduation-cap', types: TYPED_VALUE, default: 'label' },
  recordings: { form: 'text', icon: 'folder-o', hint: 'recordings' },
  training: { form: 'word', icon: 'cogs', words: ['trainer', 'device'], default: 'trainer' },
  samples: { form: 'integer', icon: 'columns', minimum: 8, maximum: 65_536, hint: 'samples', unit: 'samples' },
  ...readingFields,
  ...topicFields,
  ...keptFields,
  ...placeFields,
  ...updateFields,
} as const satisfies FieldTable;

type Fields = FieldValues<typeof fields>;

const DESK: Part<ClassDesk> = { name: 'desk', kind: ClassDesk };

/** Names what a stream shows, taught by people. */
export const classifyNode = paletteNode({
  type: 'spikewire-classify',
  category: 'spikewire',
  label: 'classify',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['input'],
  outputs: ['result', 'answer'],
  fields,
  first: ['model', 'takes', 'teach', 'per', 'capacity', 'only'],
  sections: { updates: Object.keys(updateFields) },
  tip: 'commands',
  editor: 'classify.editor.js',
  open: openClassify,
  serve: serveClassify,
});

function openClassify(RED: NodeRed, node: RuntimeNode, fields: Fields): void {
  const userDir = userDirOf(RED);
  const settings = classifierSettings(withAddress(RED, fields), node.id, userDir);
  takeFolder(node, settings.directory);
  const messages = new NodeMessages(RED, node, {
    // Recordings are there before the first reading may be.
    netsFor: (message) => (isOwn(message) ? classifier.nets : classifier.netsFor(message)),
    async taughtBy(message) {
      const said = await typedValue(RED, node, fields.teach, message);
      return isAbsent(said) ? desk.heldFor(message.topic) : said;
    },
    own: (_, message) => train(RED, training, message),
    async replied({ message, output }) {
      if (output === 'result') desk.answered(message);
      if (output === 'answer' && message.command === 'reset') await classifier.forget();
    },
    outputsOf: ({ message, output }) => (output === 'result' ? [message, null] : [null, message]),
    statusOf(answer) {
      const { message, output, state } = answer;
      const own = output === 'result' && state?.storeProblem === undefined ? statusOf(RED, message, desk) : undefined;
      const { updateStatus } = classifier.nets;
      // A class makes way for what waits for a person, and for no other news.
      const makesWay = own === undefined || (own.fill === 'green' && updateStatus?.state === 'shadow');
      return (makesWay && isFree(answer) ? updateLine(RED, updateStatus) : undefined) ?? own;
    },
  });
  const classifier: Classifier = new Classifier(
    settings,
    (own) => {
      const made = newNets(node, own);
      messages.sendUpdates(made);
      return made;
    },
    (line) => node.warn(line),
  );
  const { recordings, samples, training: by } = fields;
  const about = { folder: resolve(userDir, recordings || 'recordings'), samples, by, isBusy: () => trains(RED) };
  const training = new ClassTraining(classifier, about, (state) => {
    if (state.running) messages.status.show(trainingStatus(RED, state));
    else if (state.problem === undefined) messages.status.show({ fill: 'green', shape: 'dot', text: 'status.trained' });
    else messages.status.show({ fill: 'red', shape: 'ring', text: 'status.notTrained' });
  });
  const desk = new ClassDesk(classifier, training);
  Object.assign(node, { desk });
  closeWith(node, async () => {
    await training.cancel();
    await classifier.close();
  });
  classifier.knowsShape().then((known) => {
    if (known) messages.showStart(() => classifier.nets);
    else messages.status.waiting();
  });
}

function classifierSettings(fields: Fields, id: string, userDir: string): ClassifierSettings {
  const { model, takes, rate, teach: _, recordings: __, training: ___, samples: ____, ...own } = fields;
  // Without a file the text is names of classes, for the form.
  const path = model.type === 'classes' ? undefined : modelPath(model.text, userDir);
  return { ...ownNetSettings(own, id, userDir, path), model: path, takes, rate };
}

/** Whether a node of any flow trains. */
function trains(RED: NodeRed): boolean {
  let found = false;
  RED.nodes.eachNode(({ id, type }) => {
    if (type !== 'spikewire-classify') return;
    const desk = partOf(RED, id, DESK);
    found ||= desk instanceof ClassDesk && desk.training.state.running;
  });
  return found;
}

function trainingStatus(RED: NodeRed, { share }: TrainingState): NodeStatus {
  return { fill: 'yellow', shape: 'dot', text: `${RED._('status.training')} ${Math.floor(100 * share)} %` };
}

function isOwn({ command }: Message): boolean {
  return command === 'train' || command === 'cancel';
}

/** Training by message: the answer comes when it is over. */
async function train(RED: NodeRed, training: ClassTraining, message: Message): Promise<Reply | undefined> {
  if (!isOwn(message)) return undefined;
  if (message.command === 'cancel') {
    const payload = RED._((await training.cancel()) ? 'said.cancelled' : 'said.noTraining');
    return { message: Object.assign(message, { payload }), output: 'answer' };
  }
  const figures = await training.start();
  const said = { payload: sayingOf(RED, figures, training.state), spikewire: figures };
  return { message: Object.assign(message, said), output: 'answer' };
}

function sayingOf(
  RED: NodeRed,
  { by, accuracy, majority, tested, recordings }: TrainingFigures,
  { trainer }: TrainingState,
) {
  const percent = (share: number) => (100 * share).toFixed(1);
  const figures = { accuracy: percent(accuracy), majority: percent(majority), tested, recordings };
  const install = by === 'device' && !trainer ? ` ${RED._('said.install')}` : '';
  return `${RED._(`said.${by}`)} ${RED._('said.figures', figures)} ${RED._('said.baseline', figures)}${install}`;
}

/** The class; what is taught meanwhile stands before it. */
function statusOf(RED: NodeRed, { topic, payload, spikewire }: Message, desk: ClassDesk): NodeStatus | undefined {
  const held = desk.heldFor(topic);
  if (desk.training.state.running) return trainingStatus(RED, desk.training.state);
  const { likeliest, warmUp } = spikewire as { likeliest?: string; warmUp?: object };
  // What readings usually are is not known yet: a lesson would teach nothing.
  if (warmUp !== undefined) return undefined;
  if (held !== undefined) return { fill: 'yellow', shape: 'dot', text: RED._('status.teaching', { label: held }) };
  if (payload === null) return { fill: 'yellow', shape: 'dot', text: 'status.teachMe' };
  if (likeliest !== undefined)
    return { fill: 'grey', shape: 'dot', text: `${RED._('status.unknown')} (${likeliest}?)` };
  return { fill: 'green', shape: 'dot', text: String(payload) };
}

/** What a person at the form asks for. */
interface Asked {
  readonly do?: unknown;
  readonly label?: unknown;
  readonly topic?: string;
  readonly seconds?: unknown;
}

function serveClassify(RED: NodeRed): void {
  const path = '/spikewire/classify/:id';
  const mayRead = RED.auth.needsPermission('spikewire-classify.read');
  RED.httpAdmin.get(path, mayRead, ({ params, query }, response) => {
    answerFrom(RED, response, DESK, params.id, (desk) => desk.state(topicOf(query?.topic)));
  });
  const mayWrite = RED.auth.needsPermission('spikewire-classify.write');
  RED.httpAdmin.post(path, mayWrite, ({ params, body }, response) => {
    answerFrom(RED, response, DESK, params.id, async (desk) => ({
      answer: await carryOut(desk, (body ?? {}) as Asked),
    }));
  });
}

function topicOf(topic: unknown): string | undefined {
  return typeof topic === 'string' && topic !== '' ? topic : undefined;
}

async function carryOut(desk: ClassDesk, { do: what, label, topic, seconds }: Asked): Promise<unknown> {
  switch (what) {
    case 'teach':
      return desk.teach(label, topicOf(topic), seconds);
    case 'let-go':
      return desk.letGo();
    case 'take-back':
      return desk.takeBack(topicOf(topic));
    case 'train':
      // Who looks is told what came of it.
      desk.training.start().catch(() => {});
      return 'training';
    case 'cancel':
      return (await desk.training.cancel()) ? 'cancelled' : 'noTraining';
    default:
      throw new SpikewireError('input', 'do', 'is not an action', 'teach, let-go, take-back, train, cancel');
  }
}
