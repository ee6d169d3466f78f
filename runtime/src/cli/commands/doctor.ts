import { SpikewireError } from '@spikewire/models';
import type { DoctorQuestion, Finding } from '../../doctor/checks/check.ts';
import { DEFAULT_BROKER } from '../../mqtt/link/broker-address.ts';
import { brokerOptions, readBroker } from '../broker-option.ts';
import type { Command } from '../command.ts';

const marks: Readonly<Record<Finding['state'], string>> = { ok: 'ok  ', note: 'note', bad: 'BAD ' };

/** `spikewire doctor`: what this machine has, and what to do about it; `commands` gives those that packages bring. */
export const doctor = (commands: NonNullable<DoctorQuestion['commands']>): Command => ({
  name: 'doctor',
  summary: 'check this device: Node.js, processor, broker, store, sensors, accelerator boards',
  group: 'Start',
  positionals: [{ name: 'model', doc: 'a model whose self-tests are run on this device', optional: true }],
  options: {
    mqtt: { type: 'string', value: '<url>', doc: `broker to test (default ${DEFAULT_BROKER})` },
    ...brokerOptions,
    store: { type: 'string', value: '<folder>', doc: 'test saving in this folder' },
  },

  async run(args, console) {
    const [{ examine }, { checks }, { loadModel }] = await Promise.all([
      import('../../doctor/examine.ts'),
      import('../../doctor/checks/checks.ts'),
      import('../model-argument.ts'),
    ]);
    const [name] = args.positionals;
    const model = name === undefined ? undefined : { name, model: await loadModel(name, console) };
    const { signal } = console;
    const { url: _, ...access } = await readBroker(args, process.env, console);
    const [mqtt, store] = [args.text('mqtt'), args.text('store')];
    const findings = await examine(checks, { mqtt, access, store, model, signal, commands });
    console.result({ findings }, () => format(findings));
    const bad = findings.filter(({ state }) => state === 'bad');
    if (bad.length > 0)
      throw new SpikewireError('unsupported', 'doctor', `${bad.length} of ${findings.length} checks failed`, 'none');
  },
});

function format(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 8);
  return findings.flatMap(({ check, state, found, advice }) => [
    `${marks[state]}  ${check.padEnd(width)}  ${found}`,
    ...(advice === undefined ? [] : [`${indent}→ ${advice}`]),
  ]);
}
