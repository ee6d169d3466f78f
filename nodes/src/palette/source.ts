import { SpikewireError } from 'spikewire';
import type { FieldTable, FieldValues } from '../field.ts';
import { handleMessages } from '../messages/handle-messages.ts';
import { StatusLine } from '../messages/status-line.ts';
import type { Message, NodeRed, RuntimeNode } from '../node-red.ts';
import { FAULTS, SimulatedMachine, scenarioOf } from '../vibration/machine.ts';
import { paletteNode } from './node.ts';

const vibration = { when: { gives: 'vibration' } } as const;

const fields = {
  gives: { form: 'word', icon: 'random', words: ['vibration', 'slow'], default: 'vibration' },
  every: { form: 'number', icon: 'clock-o', minimum: 0.001, maximum: 86_400, hint: 'every', unit: 'seconds' },
  rate: { ...vibration, form: 'number', icon: 'tachometer', minimum: 10, maximum: 1e6, default: 12_000, unit: 'hertz' },
  length: {
    ...vibration,
    form: 'integer',
    icon: 'arrows-h',
    minimum: 1,
    maximum: 65_536,
    default: 2048,
    unit: 'samples',
  },
  rpm: { form: 'number', icon: 'refresh', minimum: 1, maximum: 100_000, default: 1800, unit: 'rpm' },
  load: { form: 'number', icon: 'truck', minimum: 0, maximum: 1, default: 0.5, unit: 'share' },
  fault: { form: 'word', icon: 'chain-broken', words: FAULTS, default: 'none' },
  severity: { form: 'number', icon: 'signal', minimum: 0, maximum: 1, default: 0.3, unit: 'share' },
  growth: { form: 'number', icon: 'line-chart', minimum: 0, maximum: 60, default: 0, unit: 'perMinute' },
  seed: { form: 'integer', icon: 'leaf', minimum: 0, maximum: 2 ** 31, default: 1 },
} as const satisfies FieldTable;

type Fields = FieldValues<typeof fields>;

/** Samples a second, over all messages, that are still made beside what else Node-RED does. */
const MOST_SAMPLES = 1e6;
/** Without a time, a slow reading is one second after the last. */
const USUAL_SECONDS = 1;

/** A simulated machine with a bearing that may be damaged, to try the other nodes on. */
export const sourceNode = paletteNode({
  type: 'spikewire-source',
  category: 'spikewire',
  label: 'source',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['input'],
  outputs: ['readings'],
  fields,
  first: ['gives', 'every', 'fault', 'severity'],
  tip: 'scenario',
  open: openSource,
});

function openSource(RED: NodeRed, node: RuntimeNode, fields: Fields): void {
  const { every, fault, severity, load, rpm, growth, seed } = fields;
  checkRate(fields);
  const machine = new SimulatedMachine({ fault, severity, load, rpm, stuck: false, silent: false }, growth, seed);
  const status = new StatusLine(node, RED._);
  const show = () => {
    const { fault, severity, stuck, silent } = machine.truth;
    const text = silent ? 'silent' : stuck ? 'stuck' : fault;
    status.show({
      fill: text === 'none' ? 'green' : 'yellow',
      shape: 'dot',
      text: RED._(`status.${text}`, { at: severity.toFixed(2) }),
    });
  };
  const give = (send: (message: Message) => void, message: Message = {}) => {
    const reading = next(machine, fields);
    show();
    if (reading !== undefined) send({ ...message, ...reading, truth: machine.truth });
  };
  show();
  const timer =
    every === undefined ? undefined : setInterval(() => give((message) => node.send(message)), 1000 * every);
  handleMessages(node, status, (message, send) => {
    machine.change(scenarioOf(message));
    if (every === undefined) give(send, message);
    else show();
  });
  node.on('close', (_removed, done) => {
    clearInterval(timer);
    done();
  });
}

function next(machine: SimulatedMachine, { gives, length, rate, every = USUAL_SECONDS }: Fields): Message | undefined {
  if (gives === 'slow') {
    const payload = machine.slow(every);
    return payload && { payload };
  }
  const samples = machine.vibration(length, rate);
  return samples && { payload: Array.from(samples), rate, rpm: machine.truth.speed };
}

function checkRate({ gives, every, length }: Fields): void {
  if (gives === 'slow' || every === undefined || length / every <= MOST_SAMPLES) return;
  const problem = `asks for ${Math.round(length / every)} samples a second`;
  throw new SpikewireError('usage', 'every', problem, `at most ${MOST_SAMPLES}`);
}
