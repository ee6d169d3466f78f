import { setTimeout as delay } from 'node:timers/promises';
import { printableLine, SpikewireError } from '@spikewire/models';
import type { Desk } from '../../desk/desk.ts';
import { readSecretWord } from '../../desk/shared-secret.ts';
import { executorSourceOf } from '../../executor/address.ts';
import { DEFAULT_BROKER } from '../../mqtt/broker-address.ts';
import { MqttLink } from '../../mqtt/link.ts';
import { commandsOf, labelsOf } from '../../mqtt/routes.ts';
import { isObject, parseJson } from '../../reading/json.ts';
import { forgottenAnswer } from '../../session/answers.ts';
import { closingAfterwards } from '../../session/closing.ts';
import { NetPool } from '../../session/net-pool.ts';
import type { TaughtFigures } from '../../session/taught-readout.ts';
import { brokerOptions, readBroker } from '../broker-option.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';
import { openModel } from '../model-argument.ts';
import { SECRET_VARIABLE } from '../stream-rules.ts';

const PATIENCE_MS = 10_000;

/** `spikewire teach`: says to a net what its answer should have been. */
export const command: Command = {
  name: 'teach',
  summary: 'tell a net, running or at rest in a store, what its last answer should have been',
  positionals: [{ name: 'label', doc: 'the class; one that the net does not know yet is added' }],
  options: {
    mqtt: { type: 'string', value: '<url>', doc: 'broker of the net', default: DEFAULT_BROKER },
    ...brokerOptions,
    in: { type: 'string', value: '<topic>', doc: 'topic of its readings, as run has it, without "+"' },
    out: { type: 'string', value: '<topic>', doc: 'topic of its results: waits for what came of the lesson' },
    time: { type: 'string', value: '<ms>', doc: 'an earlier answer: the newest at that time, in ms since 1970' },
    'secret-file': {
      type: 'string',
      value: '<file>',
      doc: `the secret that the net wants to see; or the variable ${SECRET_VARIABLE}`,
    },
    store: { type: 'string', value: '<folder>', doc: 'teach the net that rests there, instead of one that runs' },
    model: { type: 'string', value: '<file>', doc: 'with --store: the model of the net' },
    net: { type: 'string', value: '<name>', doc: 'with --store: which net, where there is one per topic', default: '' },
  },

  async run(args, console) {
    const label = args.positionals[0]!;
    const time = args.number('time');
    const lesson = { label, ...(time === undefined ? {} : { t: time }) };
    if (args.text('store') === undefined) return teachByMqtt(lesson, args, console);
    if (args.text('in') !== undefined)
      throw new SpikewireError('usage', 'spikewire teach --in', 'is given beside --store', 'one of them');
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
    const problem = input === undefined ? '--in is missing' : `--in ${input} names many nets`;
    throw new SpikewireError('usage', 'spikewire teach', problem, 'the topic of the readings of one net, or --store');
  }
  const path = args.text('secret-file');
  const secret = path === undefined ? process.env[SECRET_VARIABLE] : await readSecretWord(path);
  const message = (document: object) => JSON.stringify(secret === undefined ? document : { ...document, secret });
  const { url, ...access } = await readBroker(args, process.env, console);
  await closingAfterwards(async (closers) => {
    const link = await MqttLink.connect(url, {
      ...access,
      clientId: `spikewire-teach-${process.pid}`,
      random: () => 0, // it connects once and never backs off
      sessionExpiry: 0,
    });
    closers.push(() => link.close());
    const out = args.text('out');
    const answer = out === undefined ? undefined : await listenFor(link, input, out, console.signal);
    await link.publish(labelsOf(input), message(lesson));
    if (answer === undefined) {
      console.result({ sent: lesson }, () => `sent: "${lesson.label}"; --out <topic> waits for what comes of it`);
      return;
    }
    await link.publish(commandsOf(input), message({ command: 'status' }));
    const status = await answer();
    console.result({ sent: lesson, ...status }, () => describe(lesson, status));
  });
}

type Status = Pick<Awaited<ReturnType<Desk['status']>>, 'learning' | 'taught'>;

/**
 * Gives the next status that comes on a stream; rejects with what the stream answers to a bad lesson or command, or
 * after a while. Others may publish there, too: what is neither is not looked at.
 */
async function listenFor(
  link: MqttLink,
  input: string,
  out: string,
  signal: AbortSignal,
): Promise<() => Promise<Status>> {
  // What is refused may come before anybody waits, and more than once.
  let settle: (answer: Status | SpikewireError) => void;
  const come = new Promise<Status | SpikewireError>((resolve) => {
    settle = resolve;
  });
  const orders = [labelsOf(input), commandsOf(input)].map((topic) => printableLine(`${topic}: `));
  await link.subscribe(`${out}/error`, ({ payload }) => {
    const { error } = documentIn(payload);
    if (typeof error !== 'string' || !orders.some((topic) => error.startsWith(topic))) return;
    settle(new SpikewireError('input', 'lesson', `was refused: ${error}`, undefined));
  });
  await link.subscribe(`${out}/status`, ({ payload }) => {
    const status = documentIn(payload);
    if (isStatus(status)) settle(status);
  });
  const late = () =>
    delay(PATIENCE_MS, undefined, { signal, ref: false }).then(
      () => Promise.reject(new SpikewireError('link', `${out}/status`, 'brings no answer', 'a net that runs')),
      () => Promise.reject(new SpikewireError('link', `${out}/status`, 'was not waited for', undefined)),
    );
  return async () => {
    const answer = await Promise.race([come, late()]);
    if (answer instanceof SpikewireError) throw answer;
    return answer;
  };
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
  const { bytes } = await openModel(path, console);
  const source = await executorSourceOf('auto', {});
  await closingAfterwards(async (closers) => {
    closers.push(() => source.close());
    const pool = new NetPool(bytes, source, { directory: args.text('store')!, requireStore: true, warn: console.warn });
    closers.push(() => pool.close());
    const net = args.text('net')!;
    await pool.expectNet(net); // before anything is made for a name that was mistyped
    await pool.takeStores();
    const { label, t } = lesson;
    const status = await pool.use(net, async (kept) => {
      const outcome = await kept.teach({ kind: 'label', label, time: t });
      if (outcome === 'applied') await kept.save();
      const taught = kept.session.taught?.figures;
      return { outcome, learning: kept.session.learning, ...(taught === undefined ? {} : { taught }) };
    });
    if (status.outcome === 'forgotten') throw forgottenAnswer('lesson');
    console.result({ taught: lesson, ...status }, () => describe(lesson, status));
  });
}

function describe({ label }: LabelLesson, { learning, taught }: Status): string {
  if (!learning) return `"${label}" was not learned: learning is off; start run with --learn, or send it "learn"`;
  return taught === undefined ? `"${label}": done` : `"${label}": ${describeTaught(taught)}`;
}

/** For people, half a line: how good a net is that is taught. */
export function describeTaught({ labels, classes, accuracy, today }: TaughtFigures): string {
  const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);
  const right = `right ${percent(accuracy.served)} (base ${percent(accuracy.base)}, adapted ${percent(accuracy.adapted)})`;
  const told = `${labels} ${labels === 1 ? 'label' : 'labels'}`;
  const among = `${classes.length} ${classes.length === 1 ? 'class' : 'classes'}`;
  return `${told} of ${among}, ${right}; ${today.lessons} of ${today.budget} lessons today`;
}
