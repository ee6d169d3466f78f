import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { brokerOptions, readBroker, withoutPasswords } from './broker-option.ts';
import type { Command } from './command.ts';

const command: Command = {
  name: 'run',
  summary: '',
  options: { mqtt: { type: 'string', doc: '' }, ...brokerOptions },
  run: async () => {},
};
let folder: string;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-access-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

function read(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  return readBroker(parseArguments(command, words), environment, { warn: (line) => warnings.push(line) });
}

it('takes user and password from options, the environment, and options first', async () => {
  const password = await file('password', 'first line\nsecond\n');
  const words = ['--mqtt', 'mqtt://host', '--mqtt-user', 'me', '--mqtt-password-file', password];
  const environment = { SPIKEWIRE_MQTT_USER: 'you', SPIKEWIRE_MQTT_PASSWORD: 'yours' };
  const url = 'mqtt://host';
  expect(await read(words)).toEqual({ url, username: 'me', password: 'first line' });
  expect(await read(words, environment)).toEqual({ url, username: 'me', password: 'first line' });
  expect(await read(words.slice(0, 2), environment)).toEqual({ url, username: 'you', password: 'yours' });
  expect(await read([])).toEqual({ url: 'mqtt://127.0.0.1:1883' });
  expect(warnings).toEqual([]);
});

it('takes an empty variable for none', async () => {
  const names = ['USER', 'PASSWORD', 'PASSWORD_FILE', 'CA', 'CERT', 'KEY'];
  const environment = Object.fromEntries(names.map((name) => [`SPIKEWIRE_MQTT_${name}`, '']));
  expect(await read([], environment)).toEqual({ url: 'mqtt://127.0.0.1:1883' });
});

it('takes certificates and a key', async () => {
  const [ca, cert, key] = [await file('ca', 'A', 0o644), await file('cert', 'C', 0o644), await file('key', 'K')];
  const tls = { ca: 'A', cert: 'C', key: 'K' };
  const url = 'mqtts://host';
  const words = ['--mqtt', url, '--mqtt-ca', ca, '--mqtt-cert', cert, '--mqtt-key', key];
  expect(await read(words)).toEqual({ url, tls });
  const environment = { SPIKEWIRE_MQTT_CA: ca, SPIKEWIRE_MQTT_CERT: cert, SPIKEWIRE_MQTT_KEY: key };
  expect(await read(words.slice(0, 2), environment)).toEqual({ url, tls });
  await expect(read(['--mqtt', 'mqtt://host', '--mqtt-ca', ca])).rejects.toThrow(
    'has certificates, but no TLS; expected mqtts',
  );
  await expect(read([...words.slice(0, 6)])).rejects.toThrow('--mqtt-cert: and --mqtt-key belong together');
});

it.each([0o644, 0o640, 0o604, 0o620])('refuses a password and a key that others may use (%o)', async (mode) => {
  const secret = await file('secret', 'x', mode);
  const where = new RegExp(`^(password|key) file .*: is accessible to other users \\(mode 0${mode.toString(8)}\\)`);
  await expect(read(['--mqtt-user', 'me', '--mqtt-password-file', secret])).rejects.toThrow(where);
  const tls = ['--mqtt', 'mqtts://host', '--mqtt-cert', secret, '--mqtt-key', secret];
  await expect(read(tls)).rejects.toThrow(where);
});

it('refuses a password without a user, and files that are not there', async () => {
  await expect(read([], { SPIKEWIRE_MQTT_PASSWORD: 'x' })).rejects.toThrow('--mqtt-user: is missing');
  const gone = join(folder, 'gone');
  await expect(read(['--mqtt-user', 'me', '--mqtt-password-file', gone])).rejects.toThrow(
    'does not exist; expected an existing file',
  );
  await expect(read(['--mqtt', 'mqtts://h', '--mqtt-ca', gone])).rejects.toThrow(
    'gone: does not exist; expected a PEM file',
  );
  await expect(read(['--mqtt', 'mqtts://h', '--mqtt-ca', '/dev/zero'])).rejects.toThrow('is not a regular file');
});

it('leaves no password in a command line', () => {
  expect(withoutPasswords('spikewire run a --mqtt mqtt://me:p%40ss@host:1 --mqtt=WSS://a:b@c/d@e --in a@b')).toBe(
    'spikewire run a --mqtt mqtt://***@host:1 --mqtt=WSS://***@c/d@e --in a@b',
  );
});
