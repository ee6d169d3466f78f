import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { prepareFile } from '../../atomic-file.ts';
import { DEFAULT_BROKER } from '../../mqtt/link/broker-address.ts';
import { MqttLink } from '../../mqtt/link/link.ts';
import type { MqttMessage } from '../../mqtt/link/message.ts';
import type { ReadingForm } from '../../reading/form.ts';
import { Recording } from '../../recorded/recording.ts';
import { withCleanup } from '../../session/cleanup.ts';
import { brokerOptions, readBroker } from '../broker-option.ts';
import type { Command, CommandConsole } from '../command.ts';
import { readForm, readingOptions } from '../reading-form.ts';

/** `spikewire record`: labelled readings into a file, for those who choose features or train. */
export const command: Command = {
  name: 'record',
  summary: 'record the readings of an MQTT topic in a file, with a label; train, eval and "new --data" read it',
  group: 'Teach and measure',
  examples: ['--in mill/vibration --label idle --out mill.jsonl --count 200'],
  options: {
    mqtt: { type: 'string', value: '<url>', doc: 'broker', default: DEFAULT_BROKER },
    ...brokerOptions,
    in: {
      type: 'string',
      value: '<topic>',
      doc:
        'topic to record; with "+" or "#", the readings of all topics that match are written as one recording ' +
        '(required)',
    },
    label: { type: 'string', value: '<class>', doc: 'class of these readings, such as idle (required)' },
    out: {
      type: 'string',
      value: '<file>',
      doc: 'file to write, or to append to; train and eval read it as recorded:FILE (required)',
    },
    ...readingOptions,
    limit: { type: 'string', value: '<bytes>', doc: 'stop when the file has this size', default: '64M' },
    count: { type: 'string', value: '<n>', doc: 'stop after n readings (default: at Ctrl-C)' },
  },

  async run(args, console) {
    const topic = args.needed('in', 'a topic');
    const label = args.needed('label', 'a class');
    const out = args.needed('out', 'a file');
    const count = args.number('count', { minimum: 1, whole: true }) ?? Number.POSITIVE_INFINITY;
    const { url, ...access } = await readBroker(args, process.env, console);
    await prepareFile(out);
    const random = new RandomGenerator(1, 'record');
    const most = { limit: args.bytes('limit', { minimum: 1024 })!, count };
    const recorder = new Recorder(out, label, most, readForm(args), console);
    await withCleanup(async (closers) => {
      closers.push(() => recorder.close());
      const link = await MqttLink.connect(url, {
        ...access,
        clientId: `spikewire-record-${process.pid}`,
        random: () => random.nextUniform(),
        sessionExpiry: 0,
        subscriptions: [{ filter: topic, handler: (message) => recorder.take(message) }],
        onWarning: (line) => console.warn(`spikewire: ${line}`),
      });
      closers.push(() => link.close());
      console.say(`recording "${label}" from ${topic} to ${out}`);
      await recorder.ended;
    });
    const { readings, retained, bad, bytes } = recorder.figures;
    console.result({ out, label, readings, retained, bad, bytes }, () => {
      const marked = retained === 0 ? '' : ` (${retained} retained, and marked as such)`;
      return `${out}: ${readings} readings${marked}, ${bad} bad, ${bytes} bytes`;
    });
  },
};

/** Writes good readings until there are enough, the file is full, or somebody stops it. */
class Recorder {
  readonly #recording: Recording;
  readonly #most: { readonly limit: number; readonly count: number };
  readonly #console: CommandConsole;
  readonly #out: string;
  readonly ended: Promise<void>;
  #end: () => void = () => {};
  #fail: (problem: unknown) => void = () => {};
  #last: Promise<void> = Promise.resolve();
  #full = false;

  constructor(
    out: string,
    label: string,
    most: { limit: number; count: number },
    form: ReadingForm,
    console: CommandConsole,
  ) {
    this.#recording = new Recording({ path: out, label, limit: most.limit, form });
    this.#out = out;
    this.#most = most;
    this.#console = console;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    if (console.signal.aborted) this.#end();
    console.signal.addEventListener('abort', () => this.#end(), { once: true });
  }

  get figures(): Pick<Recording, 'readings' | 'retained' | 'bad' | 'bytes'> {
    return this.#recording;
  }

  get #isDone(): boolean {
    return this.#full || this.#recording.readings >= this.#most.count;
  }

  /** Takes messages one after another, as they came. */
  take(message: MqttMessage): Promise<void> {
    this.#last = this.#last.then(() => this.#take(message));
    return this.#last;
  }

  async #take({ payload, retain }: MqttMessage): Promise<void> {
    if (this.#isDone) return;
    try {
      if ((await this.#recording.add(payload, retain)) === 'full') this.#sayFull();
      if (this.#isDone) this.#end();
    } catch (problem) {
      if (!(problem instanceof SpikewireError && problem.code === 'input')) return this.#fail(problem);
      this.#console.warn(`spikewire: ${problem.message}`, 'bad');
    }
  }

  #sayFull(): void {
    this.#full = true;
    this.#console.warn(`spikewire: ${this.#out} has its ${this.#most.limit} bytes; --limit makes it larger`);
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#recording.close();
  }
}
