import { resolve } from 'node:path';
import { describeValue, SpikewireError } from 'spikewire';
import type { FieldTable, FieldValues } from '../field.ts';
import { StatusLine } from '../messages/status-line.ts';
import { TYPED_VALUE, typedValue } from '../messages/typed-value.ts';
import { isAbsent, payloadBytes } from '../nets/request.ts';
import { readingFields, readingForm } from '../nets/settings.ts';
import { type Message, type NodeRed, type RuntimeNode, userDirOf } from '../node-red.ts';
import { inPlainWords } from '../plain-words.ts';
import { type Recorded, Recorder, type RecorderState } from '../record/recorder.ts';
import { answerFrom } from './answer-editor.ts';
import { paletteNode } from './node.ts';
import type { Part } from './node-part.ts';

const fields = {
  label: { form: 'typed', icon: 'tag', types: TYPED_VALUE, default: 'label' },
  folder: { form: 'text', icon: 'folder-o', hint: 'folder' },
  seconds: { form: 'number', icon: 'clock-o', minimum: 0.1, maximum: 1e6, hint: 'seconds', unit: 'seconds' },
  perSecond: { form: 'number', icon: 'tachometer', minimum: 0.001, maximum: 1e5, default: 1000, unit: 'perSecond' },
  mebibytes: { form: 'number', icon: 'file-o', minimum: 2 ** -6, maximum: 256, default: 16, unit: 'mebibytes' },
  files: { form: 'integer', icon: 'files-o', minimum: 1, maximum: 100_000, default: 1000, unit: 'files' },
  ...readingFields,
} as const satisfies FieldTable;

type Fields = FieldValues<typeof fields>;

/** What a message may ask for in `command`. */
const COMMANDS = ['start', 'stop'] as const;
const MIB = 2 ** 20;

const RECORDER: Part<Recorder> = { name: 'recorder', kind: Recorder };

/** Writes readings into files for training, between a start and a stop. */
export const recordNode = paletteNode({
  type: 'spikewire-record',
  category: 'spikewire',
  label: 'record',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['input'],
  outputs: ['recorded'],
  fields,
  first: ['label', 'folder', 'seconds', 'profile'],
  button: 'spikewire/record',
  tip: 'commands',
  open: openRecord,
  serve: serveRecord,
});

function openRecord(RED: NodeRed, node: RuntimeNode, fields: Fields): void {
  const status = new StatusLine(node, RED._);
  const show = (state: RecorderState) => {
    const [text, fill] = state.recording ? (['recording', 'red'] as const) : (['stopped', 'grey'] as const);
    const count = state.readings > 0 || state.recording ? ` ${state.label || '–'}: ${state.readings}` : '';
    status.show({ fill, shape: 'dot', text: RED._(`status.${text}`) + count });
  };
  const recorder = new Recorder(settingsOf(fields, userDirOf(RED)), {
    changed: show,
    ended(recorded) {
      node.send(messageOf(recorded));
      if (recorded.end === 'full') node.warn(RED._('warning.full', { file: recorded.file }));
    },
  });
  Object.assign(node, { recorder });
  show(recorder.state);
  node.on('input', (message, _send, done) => {
    take(RED, node, recorder, fields, message).then(
      () => done(),
      (problem: Error) => {
        status.problem(problem);
        done(inPlainWords(problem));
      },
    );
  });
  node.on('close', (_removed, done) => {
    recorder
      .close()
      .finally(() => status.close())
      .finally(done);
  });
}

function settingsOf({ folder, seconds, perSecond, mebibytes, files, ...reading }: Fields, userDir: string) {
  return {
    folder: resolve(userDir, folder || 'recordings'),
    form: readingForm(reading),
    bytesPerFile: Math.floor(mebibytes * MIB),
    files,
    perSecond,
    seconds,
  };
}

function messageOf({ file, ...spikewire }: Recorded): Message {
  return { payload: file, label: spikewire.label, spikewire };
}

/** A command waits as long as a reading does, so that none overtakes another. */
async function take(RED: NodeRed, node: RuntimeNode, recorder: Recorder, { label }: Fields, message: Message) {
  const { command, payload } = message;
  const said = await typedValue(RED, node, label, message);
  if (command === undefined) return recorder.take(payloadBytes(payload), textOf(said), message.retain === true);
  if (command === 'stop') return recorder.stop();
  if (command === 'start') return recorder.start(textOf(message.label));
  throw new SpikewireError('input', 'msg.command', `is ${describeValue(command)}`, COMMANDS.join(', '));
}

/** What a label is that may be a number; undefined where there is none. */
function textOf(label: unknown): string | undefined {
  if (isAbsent(label)) return undefined;
  if (typeof label === 'string' || typeof label === 'number' || typeof label === 'boolean') return String(label).trim();
  throw new SpikewireError('input', 'label', 'is not text', 'the name of a class');
}

/** The button at the node in the editor. */
function serveRecord(RED: NodeRed): void {
  const mayWrite = RED.auth.needsPermission('spikewire-record.write');
  RED.httpAdmin.post('/spikewire/record/:id', mayWrite, ({ params }, response) => {
    answerFrom(RED, response, RECORDER, params.id, async (recorder) => {
      await recorder.toggle();
      return recorder.state;
    });
  });
}
