import { setTimeout as delay } from 'node:timers/promises';
import { modelDigest, printableLine, SpikewireError } from '@spikewire/models';
import type { Desk } from '../../desk/desk.ts';
import type { formatLesson } from '../../desk/result-message.ts';
import { readSecretWord } from '../../desk/shared-secret.ts';
import { executorSourceOf } from '../../executor/address.ts';
import { DEFAULT_BROKER } from '../../mqtt/link/broker-address.ts';
import { MqttLink } from '../../mqtt/link/link.ts';
import { commandsOf, labelsOf } from '../../mqtt/routes.ts';
import { isObject, parseJson } from '../../reading/json.ts';
import { forgottenAnswer } from '../../session/answers.ts';
import { withCleanup } from '../../session/cleanup.ts';
import { NetPool } from '../../session/pool/net-pool.ts';
import type { TaughtFigures } from '../../session/readout/taught-readout.ts';
import { brokerOptions, readBroker } from '../broker-option.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';
import { openModel } from '../model-argument.ts';
import { expectStoredNet } from '../stored-net.ts';
import { SECRET_VARIABLE } from '../stream-rules.ts';

const PATIENCE_MS = 10_000;
/** For what came of the lesson: a net says it within a second or so. */
const RECEIPT_MS = 4000;

/** `spikewire teach`: says to a net what its answer should have been. */
export const command: Command = {
  name: 'teach',
  summary: 'tell a net the right class for its last answer; the net is running, or saved in a store',
  group: 'Teach and measure',
  examples: ['idle --in mill/vibration --out mill/state'],
  positionals: [{ name: 'label', doc: 'the class; a new name adds a class' }],
  options: {
    mqtt: { type: 'string', value: '<url>', doc: 'broker', default: DEFAULT_BROKER },
    ...brokerOptions,
    in: {
      type: 'string',
      value: '<topic>',
      doc: 'topic of the readings of this net, without "+", such as house/kitchen/air (required without --store)',
    },
    out: {
      type: 'string',
      value: '<topic>',
      doc: 'topic of the results; if given, teach waits for the reply, and warns if the lesson was not saved',
    },
    time: {
      type: 'string',
      value: '<ms>',
      doc: 'label the result that was the newest at this time (ms since 1970; default: the last result)',
    },
    'secret-file': {
      type: 'string',
      value: '<file>',
      doc: `the secret file of "spikewire run" (or the secret itself in $${SECRET_VARIABLE})`,
    },
    store: {
      type: 'string',
      value: '<folder>',
      doc: 'teach a net that is not running, in this store; stop run first',
    },
    model: { type: 'string', value: '<file>', doc: 'with --store: the model file of the net' },
    net: {
      type: 'string',
      value: '<name>',
      doc:
        'with --store: name of the net (the part of its topic that matched the "+" of run --in), such as kitchen; ' +
        'omit it if --in had no "+"',
    },
  },

  async run(args, console) {
    const label = args.positionals[0]!;
    const time = args.number('time');
    const lesson = { label, ...(time === undefined ? {} : { t: time }) };
    if (args.text('store') === undefined) return teachByMqtt(lesson, args, console);
    if (args.text('in') !== undefined)
      throw new SpikewireError('usage', 'spikewire teach --in', 'cannot be combined with --store', 'one of them');
    return teachInStore(lesson, args, console);
  },
};

interface LabelLesson {
  readonly label: string;
  readonly t?: number;
}

async function teachByMqtt(lesson: LabelLesson, args: CommandArguments, console: CommandConsole): Promise<void> {
  const input = args.text('in');
  if (input === undefined || /[+#]/.test(input)) {
    const problem = input === undefined ? `has no net to teach "${lesson.label}"` : `--in ${input} names many nets`;
    throw new SpikewireError(
      'usage',
      'spikewire teach',
      problem,
      '--in <topic of the readings of one net>, or --store',
    );
  }
  const path = args.text('secret-file');
  const secret = path === undefined ? process.env[SECRET_VARIABLE] : await readSecretWord(path);
  const message = (document: object) => JSON.stringify(secret === undefined ? document : { ...document, secret });
  const { url, ...access } = await readBroker(args, process.env, console);
  await withCleanup(async (closers) => {
    const link = await MqttLink.connect(url, {
      ...access,
      clientId: `spikewire-teach-${process.pid}`,
      random: () => 0, // it connects once and never backs off
      sessionExpiry: 0,
    });
    closers.push(() => link.close());
    const out = args.text('out');
    const answers = out === undefined ? undefined : await listenFor(link, { input, out, lesson }, console.signal);
    await link.publish(labelsOf(input), message(lesson));
    if (answers === undefined) {
      console.result({ sent: lesson }, () => {
        return `sent "${lesson.label}"; whether a net received it is not known: --out <topic> waits for the reply`;
      });
      return;
    }
    const receipt = await answers.receipt();
    const asked = answers.status();
    await link.publish(commandsOf(input), message({ command: 'status' }));
    // Who may teach need not be somebody who may ask.
    const status = receipt === undefined ? await asked : await asked.catch(() => undefined);
    tell(console, lesson, { ...status, ...receipt }, { sent: lesson });
  });
}

/** The net may hear on --in and reply elsewhere. */
const NO_REPLY = `no reply came in ${(RECEIPT_MS + PATIENCE_MS) / 1000} s, but the net may have learned the label`;
const REPLYING = 'a running "spikewire run" with the same --in and --out';

type Status = Pick<Awaited<ReturnType<Desk['status']>>, 'learning' | 'taught'>;
type Receipt = Pick<ReturnType<typeof formatLesson>, 'outcome' | 'saved'>;

interface Answers {
  /** Undefined where none comes, as of a net of an earlier version. */
  receipt(): Promise<Receipt | undefined>;
  /** The first from now on: an earlier one does not know the lesson. */
  status(): Promise<Status>;
}

/**
 * What a stream answers: what came of the lesson, and its next status. Both reject with what it answers to a bad lesson
 * or command; the status after a while. Others may publish there, too: what is none of this is not looked at.
 */
async function listenFor(
  link: MqttLink,
  { input, out, lesson }: { input: string; out: string; lesson: LabelLesson },
  signal: AbortSignal,
): Promise<Answers> {
  // What is refused may come before anybody waits, and more than once.
  const [receipt, status] = [new Answer<Receipt>(), new Answer<Status>()];
  let isAsked = false;
  const orders = [labelsOf(input), commandsOf(input)].map((topic) => printableLine(`${topic}: `));
  await link.subscribe(`${out}/error`, ({ payload }) => {
    const { error } = documentIn(payload);
    if (typeof error !== 'string' || !orders.some((topic) => error.startsWith(topic))) return;
    const refusal = new SpikewireError('input', 'lesson', `was refused: ${error}`, undefined);
    for (const answer of [receipt, status]) answer.come(refusal);
  });
  await link.subscribe(`${out}/lesson`, ({ payload }) => {
    const document = documentIn(payload);
    if (isReceipt(document) && document.label === lesson.label) receipt.come(document);
  });
  await link.subscribe(`${out}/status`, ({ payload }) => {
    const document = documentIn(payload);
    if (isAsked && isStatus(document)) status.come(document);
  });
  const late = () =>
    delay(PATIENCE_MS, undefined, { signal, ref: false }).then(
      () => Promise.reject(new SpikewireError('link', out, NO_REPLY, REPLYING)),
      () => Promise.reject(new SpikewireError('link', `${out}/status`, 'stopped waiting for the reply', undefined)),
    );
  return {
    receipt: () => Promise.race([receipt.first(), delay(RECEIPT_MS, undefined, { signal, ref: false }).catch(late)]),
    status() {
      isAsked = true;
      const found = Promise.race([status.first(), late()]);
      found.catch(() => {}); // it may be refused before somebody waits for it
      return found;
    },
  };
}

/** The first of answers that come at any time. */
class Answer<T> {
  come: (answer: T | SpikewireError) => void = () => {};
  readonly #come = new Promise<T | SpikewireError>((resolve) => {
    this.come = resolve;
  });

  async first(): Promise<T> {
    const answer = await this.#come;
    if (answer instanceof SpikewireError) throw answer;
    return answer;
  }
}

function documentIn(payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const document = parseJson(payload);
    return isObject(document) ? document : {};
  } catch {
    return {};
  }
}

function isStatus(document: Readonly<Record<string, unknown>>): document is Readonly<Record<string, unknown>> & Status {
  const { learning, taught } = document;
  return typeof learning === 'boolean' && (taught === undefined || isTaught(taught));
}

function isReceipt(document: Readonly<Record<string, unknown>>): document is typeof document & Receipt {
  return typeof document.outcome === 'string' && typeof document.saved === 'boolean';
}

function isTaught(document: unknown): boolean {
  if (!isObject(document) || !isObject(document.accuracy) || !isObject(document.today)) return false;
  const { labels, classes, accuracy, today } = document;
  const isShare = (name: string) => accuracy[name] === null || Number.isFinite(accuracy[name]);
  const numbers = [labels, today.lessons, today.budget];
  return Array.isArray(classes) && ['base', 'adapted', 'served'].every(isShare) && numbers.every(Number.isFinite);
}

async function teachInStore(lesson: LabelLesson, args: CommandArguments, console: CommandConsole): Promise<void> {
  const path = args.text('model');
  if (path === undefined)
    throw new SpikewireError('usage', 'spikewire teach --store', '--model is missing', 'the model of the net');
  const { bytes, model } = await openModel(path, console);
  const directory = args.text('store')!;
  const net = args.text('net');
  await expectStoredNet(directory, net, modelDigest(model)); // before anything is made for a name that was mistyped
  const source = await executorSourceOf('auto', {});
  await withCleanup(async (closers) => {
    closers.push(() => source.close());
    const pool = new NetPool(bytes, source, { directory, requireStore: true, warn: console.warn });
    closers.push(() => pool.close());
    await pool.takeStores();
    const { label, t } = lesson;
    const status = await pool.use(net ?? '', async (kept) => {
      const { outcome, saved } = await kept.teach({ kind: 'label', label, time: t });
      if (outcome === 'applied') await kept.save();
      const taught = kept.session.taught?.figures;
      const { learning } = kept.session;
      return { outcome, saved: await saved, learning, ...(taught === undefined ? {} : { taught }) };
    });
    if (status.outcome === 'forgotten') throw forgottenAnswer('lesson');
    tell(console, lesson, status);
  });
}

/** Says what came of a lesson. Throws `learning` where nothing was learned. */
function tell(
  console: CommandConsole,
  lesson: LabelLesson,
  status: Partial<Status & Receipt>,
  more: { readonly sent?: LabelLesson } = {},
): void {
  if (status.learning === false || status.outcome === 'frozen') {
    const expected = 'run with --learn, or the command "learn"';
    throw new SpikewireError('learning', `"${lesson.label}"`, 'was not learned, because learning is off', expected);
  }
  console.result({ ...more, ...status }, () => describe(lesson, status));
}

function describe({ label }: LabelLesson, { taught, saved }: Partial<Status & Receipt>): string {
  const done = taught === undefined ? 'done' : describeTaught(taught);
  return `"${label}": ${done}${saved === false ? '; not saved: the lesson is in memory only' : ''}`;
}

/** For people, half a line: how good a net is that is taught. */
export function describeTaught({ labels, classes, accuracy, today }: TaughtFigures): string {
  const right = describeAccuracy(accuracy);
  const told = `${labels} ${labels === 1 ? 'label' : 'labels'}`;
  const among = `${classes.length} ${classes.length === 1 ? 'class' : 'classes'}`;
  return `${told} of ${among}, ${right}; ${today.lessons} of ${today.budget} lessons today`;
}

function describeAccuracy({ base, adapted, served }: TaughtFigures['accuracy']): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  if (served === null || adapted === null) return 'no answer checked by a label yet';
  const ofEach =
    base === null ? '' : ` (${percent(base)} by the base alone, ${percent(adapted)} by what was learned since alone)`;
  return `${percent(served)} of the answers were right before their label came${ofEach}`;
}
