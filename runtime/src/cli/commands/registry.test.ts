import { describe, expect, it } from 'vitest';
import type { ImportModule } from '../../companion.ts';
import type { Command } from '../command.ts';
import { allCommands, findCommand } from './registry.ts';

const train: Command = { name: 'train', summary: 'train a model', options: {}, run: async () => {} };

/** What Node says of a package that is not installed. */
const absent: ImportModule = async (name) => {
  const packageName = name.split('/').slice(0, 2).join('/');
  throw Object.assign(new Error(`Cannot find package '${packageName}' imported from main.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
};
/** An installed trainer, no devices. */
const withTrainer: ImportModule = (name) =>
  name === '@spikewire/trainer/commands' ? Promise.resolve({ commands: [train] }) : absent(name);
/** An installed trainer beside packages that lack what they need. */
const withTrainerAlone: ImportModule = (name) =>
  name === '@spikewire/trainer/commands' ? Promise.resolve({ commands: [train] }) : broken(name);
/** Installed packages that lack what they need. */
const broken: ImportModule = async () => {
  throw Object.assign(new Error("Cannot find package 'onnxruntime-node' imported from train.js"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
};

describe('the commands', () => {
  it('of the runtime are there without any other package', async () => {
    const names = (await allCommands(absent)).map(({ name }) => name);
    expect(names).toEqual([
      'run',
      'teach',
      'record',
      'simulate',
      'eval',
      'inspect',
      'import',
      'export',
      'new',
      'doctor',
      'backup',
      'restore',
      'service',
      'completion',
    ]);
    for (const name of names) expect((await findCommand(name, absent)).name).toBe(name);
  });

  it('of an installed package stand beside them', async () => {
    expect(await findCommand('train', withTrainer)).toBe(train);
    expect(await allCommands(withTrainer)).toContain(train);
  });

  it.each([
    ['demo', /^spikewire demo: is not on this machine; expected npm run demo in the repository of spikewire$/],
    [
      'train',
      /^spikewire train: is not on this machine; expected the file that npm run pack:trainer makes in the repository of spikewire$/,
    ],
    [
      'devices',
      /^spikewire devices: is not on this machine; expected the file that npm run pack:device makes in the repository of spikewire$/,
    ],
    [
      'fly',
      /^spikewire fly: is not a command; expected one of run, teach, record, simulate, eval, inspect, import, export, new, doctor, backup, restore, service, completion$/,
    ],
    ['constructor', /is not a command/],
  ])('%s that is missing says what to do', async (name, message) => {
    await expect(findCommand(name, absent)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
  });

  it('of a broken package say what it lacks, and leave the others alone', async () => {
    await expect(findCommand('train', broken)).rejects.toThrow(
      /^@spikewire\/trainer: cannot be loaded: Cannot find package 'onnxruntime-node'.*; expected the file that npm run pack:trainer makes in the repository of spikewire$/,
    );
    expect((await findCommand('inspect', broken)).name).toBe('inspect');
    expect(await findCommand('train', withTrainerAlone)).toBe(train);
    expect((await allCommands(broken)).map(({ name }) => name)).toContain('inspect');
  });
});
