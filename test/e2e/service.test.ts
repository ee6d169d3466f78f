import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { runCommand, startCommand } from './command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire service-'));
  const model = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 10 });
  await writeFile(join(folder, 'air 50%.spike'), writeModel(model));
});
afterAll(() => rm(folder, { recursive: true }));

const RUN = ['run', 'air 50%.spike', '--in', 'house/+/air', '--out', 'house/+/air/$state', '--learn'];
/** What must stand in no unit and no error. */
const AGENT = ['agent', '--repository', 'site', '--root', 'root.json', '--config', 'agent.json'];
const HIDDEN = 'sesame-9f2c41aa07';

const print = async (...words: string[]) => {
  const { code, stdout, stderr } = await runCommand(['service', 'install', '--print', ...words], folder);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};

describe('spikewire service', () => {
  it('writes the packages of the environment into a unit by their folders', async () => {
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'mine/package.json'), '{ "name": "mine" }');
    const run = async (packages: string) => {
      const command = startCommand(['service', 'install', '--print', '--name', 'air', '--', ...RUN], folder, {
        SPIKEWIRE_PACKAGES: packages,
      });
      return [await command.ended, command.stdout(), command.stderr()];
    };
    const [code, unit] = await run('./mine');
    expect(code).toBe(0);
    expect(unit).toContain(`\nEnvironment="SPIKEWIRE_PACKAGES=${join(folder, 'mine')}"\n`);
    expect(await run('./none')).toEqual([
      1,
      '',
      'spikewire: SPIKEWIRE_PACKAGES: ./none: has no package.json; expected the folder of a package\n',
    ]);
  });

  it('binds the model of --beside like its model, and leaves the name of one that comes with spikewire', async () => {
    const bound = await print('--name', 'air', '--', ...RUN, '--beside', 'air 50%.spike');
    const path = join(folder, 'air 50%%.spike');
    expect(bound).toContain(` "--beside=${path}" `);
    expect(bound.split(`\nBindReadOnlyPaths="${path}"\n`)).toHaveLength(2);
    expect(await print('--name', 'air', '--', ...RUN, '--beside', 'next-reading-1')).toContain(
      ' --beside=next-reading-1 ',
    );
  });

  it('runs an agent, with its files bound and its own folder', async () => {
    await writeFile(join(folder, 'agent.json'), '{}');
    await mkdir(join(folder, 'site'));
    const unit = await print('--', ...AGENT, '--every', '60');
    const [, words] = /^ExecStart=\S+ \S+spikewire\.js (.*)$/m.exec(unit)!;
    const [site, config] = [join(folder, 'site'), join(folder, 'agent.json')];
    expect(words).toBe(
      `agent "--repository=${site}" --root=root.json "--config=${config}" --every=60 --folder ` +
        '%S/spikewire-agent/folder',
    );
    for (const path of [site, config]) expect(unit).toContain(`\nBindReadOnlyPaths="${path}"\n`);
    const remote = await print('--', ...AGENT.with(2, 'https://models.example/site'));
    expect(remote).toContain(' --repository=https://models.example/site ');
  });

  it('writes a unit that systemd takes, and finds hardened', async (context) => {
    const analyze = needs(context, 'systemd-analyze');
    const file = join(folder, 'spikewire-air.service');
    const secret = ['--secret-file', 'secret.txt', '--sensitivity', '8', '--sensitivity', 'next-reading=7'];
    await writeFile(file, await print('--name', 'air', '--', ...RUN, ...secret));
    const run = (...words: string[]) => spawnSync(analyze, [...words, '--no-pager', file], { encoding: 'utf8' });
    const verified = run('verify', '--man=no');
    expect([verified.status, verified.stderr.includes('spikewire-air')]).toEqual([0, false]);
    const exposure = run('security', '--offline=true', '--threshold=15');
    expect(exposure.stdout).toMatch(/Overall exposure level for spikewire-air\.service: 1\.[0-5] /);
    expect(exposure.status).toBe(0);
  });

  it('runs the same words, with paths that hold anywhere, the files of secrets handed over, and its own store', async () => {
    const unit = await print(
      '--name',
      'air',
      '--',
      ...RUN,
      '--mqtt-password-file',
      'p.txt',
      '--dashboard-token-file',
      't.txt',
    );
    const [, words] = /^ExecStart=\S+ \S+spikewire\.js (.*)$/m.exec(unit)!;
    expect(words).toBe(
      `run "${join(folder, 'air 50%%.spike')}" --in=house/+/air "--out=house/+/air/$$state" ` +
        '--mqtt-password-file %d/mqtt-password-file --learn --dashboard-token-file %d/dashboard-token-file --store ' +
        '%S/spikewire-air/store',
    );
    expect(unit).toContain(`\nLoadCredential=mqtt-password-file:${join(folder, 'p.txt')}\n`);
    expect(unit).toContain(`\nLoadCredential=dashboard-token-file:${join(folder, 't.txt')}\n`);
    expect(unit).toContain(`\nBindReadOnlyPaths="${join(folder, 'air 50%%.spike')}"\n`);
    expect(await print('--user', 'pi', '--', 'run', 'next-reading-1', ...RUN.slice(2))).toMatch(
      /\nExecStart=\S+ \S+ run next-reading-1 (.|\n)*\nUser=pi\nStateDirectory=spikewire-next-reading-1\n/,
    );
  });

  it.each([
    [['service', 'stop'], 2, /^spikewire service stop: is not a known action; expected one of install, remove, status/],
    [
      ['service', 'install', '--print'],
      2,
      /has no command to run; expected -- run <model> and its options, or -- agent --repository/,
    ],
    [['service', 'install', '--print', '--', 'agent'], 2, /--repository is missing; expected agent --repo/],
    [
      ['service', 'install', '--print', '--', 'agent', 'status'],
      2,
      /cannot run "agent status", which ends at once; expected -- agent --repository/,
    ],
    [
      ['service', 'install', '--print', '--', 'agent', 'look', '--repository', 'x', '--config', 'y'],
      2,
      /agent look --repository: is an option of "spikewire agent"; expected --machine/,
    ],
    [
      ['service', 'install', '--print', '--', 'agent', '--repository', 'x', '--config', 'y', '--folder', 'z'],
      2,
      /--folder: cannot be chosen for a service; expected no --folder: systemd makes the folder/,
    ],
    [
      ['service', 'install', '--print', 'run', 'next-reading-1'],
      2,
      /without a source of readings; expected -- run next-reading-1 --in <topic> --out <topic>, or --sensor/,
    ],
    [
      ['service', 'install', '--print', '--', 'run', 'none.spike', '--in', 'a', '--out', 'b'],
      1,
      /^spikewire: none\.spike: does not exist; expected a model file/,
    ],
    [['service', 'install', '--print', '--', 'demo'], 2, /cannot run "demo"; expected -- run/],
    [['service', 'install', '--print', '--', 'run', 'next-reading-1', '--fast'], 2, /--fast: is not an option/],
    [
      ['service', 'install', '--print', '--', 'run', 'next-reading-1', '--store', 's'],
      2,
      /--store: cannot be chosen for a service/,
    ],
    [['service', 'install', '--print', '--', 'run', '--help'], 2, /run --help: cannot be used in a service/],
    [
      ['service', 'install', '--print', '--', ...RUN, '--dashboard-token', HIDDEN],
      2,
      /^spikewire service install --dashboard-token: is a secret, .* every user .*; expected --dashboard-token-file <file>/,
    ],
    [
      ['service', 'install', '--print', '--', ...RUN, '--mqtt', `mqtt://me:${HIDDEN}@broker:1883`],
      2,
      /install --mqtt: has a password, which .* every user .*; expected --mqtt-user <name> --mqtt-password-file <file>/,
    ],
    [
      ['service', 'install', '--print', '--', ...AGENT, '--controller', 'http://fleet:8080', '--join', HIDDEN],
      2,
      /^spikewire service install --join: is a secret, .* every user .*; expected --join-file <file>/,
    ],
    [['service', 'install', '--print', '--', ...RUN, '--mqtt', `mqtt://me:${HIDDEN}/@broker`], 2, /not a URL/],
    [
      ['service', 'install', '--print', '--', ...RUN, '--mqtt', `wss://broker/mqtt?x=1&token=${HIDDEN}`],
      2,
      /install --mqtt: has a secret after its "\?", which .* every user .*; expected an address without one/,
    ],
    [
      ['service', 'install', '--print', '--', 'run', 'm', '--sensor', `mqtt://me:${HIDDEN}@broker/air`],
      2,
      /install --sensor: has a password, which .* every user/,
    ],
    [['service', 'install', '--print', '--', ...RUN, '--json'], 2, /run --json: cannot be used in a service/],
    [['service', 'install', '--print', '--', ...RUN], 2, /--name: is "air 50%"; expected up to 64 letters/],
    [['service', 'status', '--name', 'no-such'], 2, /service spikewire-no-such: is not installed; expected a unit/],
    [['service', 'remove'], 2, /--name: is missing/],
  ])('%j ends with one line', async (words, code, message) => {
    const ended = await runCommand(words, folder);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.stderr).not.toContain(HIDDEN);
  });

  it.each([
    ['SPIKEWIRE_SECRET', '--secret-file'],
    ['SPIKEWIRE_MQTT_PASSWORD', '--mqtt-password-file'],
    ['SPIKEWIRE_MQTT_PASSWORD_FILE', '--mqtt-password-file'],
    ['SPIKEWIRE_MQTT_CA', '--mqtt-ca'],
  ])('does not leave behind what %s says, which no service sees', async (variable, option) => {
    const install = async (...more: string[]) => {
      const words = ['service', 'install', '--print', '--name', 'air', '--', ...RUN, ...more];
      const command = startCommand(words, folder, { [variable]: HIDDEN });
      return { code: await command.ended, unit: command.stdout(), said: command.stderr() };
    };
    const refused = await install();
    expect(refused).toMatchObject({ code: 2, unit: '' });
    expect(refused.said).toMatch(new RegExp(`: ${variable} is set, .*; expected ${option} <file>\n$`));
    const given = await install(option, 'given.txt');
    expect(given.code).toBe(0);
    expect(given.unit).toContain(`LoadCredential=${option.slice(2)}:${join(folder, 'given.txt')}`);
    expect(refused.said + given.unit + given.said).not.toContain(HIDDEN);
  });
});
