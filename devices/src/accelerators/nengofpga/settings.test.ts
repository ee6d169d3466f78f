import { expect, it } from 'vitest';
import { readSettings, settingsIn } from './settings.ts';

const board = (name: string, ...more: string[]) => [
  `[${name}]`,
  'ip = 10.162.177.99',
  'ssh_user = xilinx',
  'remote_script = /opt/script.py',
  'id_script = /opt/id.py',
  'remote_tmp = /opt/params',
  ...more,
];
const text = (...lines: string[]) => ['# Boards', '[host]', 'ip = 10.162.177.2', ...lines].join('\n');

it('takes a configuration of the vendor', () => {
  const lines = board('pynq', 'ssh_port = 2222', '; a comment', 'ssh_key = ~/.ssh/board', 'udp_port = 40000');
  expect(settingsIn(text(...lines), 'boards.ini')).toEqual({
    host: '10.162.177.99',
    localHost: '10.162.177.2',
    user: 'xilinx',
    sshPort: 2222,
    key: '~/.ssh/board',
    script: '/opt/script.py',
    idScript: '/opt/id.py',
    folder: '/opt/params',
    port: 40_000,
  });
});

it('takes the board that is named, of several', () => {
  const lines = [...board('one'), ...board('other', 'udp_port = 7')];
  expect(settingsIn(text(...lines), 'boards.ini', 'other').port).toBe(7);
});

it.each<[string, string[], RegExp]>([
  ['several boards and no name', [...board('one'), ...board('other')], /^b\.ini: has 2 boards; expected b\.ini#NAME, /],
  ['no board', [], /^b\.ini: has 0 boards; expected b\.ini#NAME, with one of: none$/],
  ['a password', board('one', 'ssh_pwd = secret'), /^b\.ini, \[one\]: has a password \(ssh_pwd\), which is not used; /],
  [
    'a wrong port',
    board('one', 'udp_port = 70000'),
    /^b\.ini, \[one\]: has udp_port "70000"; expected a port, 0 … 65535$/,
  ],
  ['no number of a port', board('one', 'ssh_port ='), /^b\.ini, \[one\]: has ssh_port ""; expected a port, 1 … 65535$/],
  ['the port 0 of ssh', board('one', 'ssh_port = 0'), /has ssh_port "0"; expected a port, 1 … 65535$/],
  ['a port of UDP that is empty', board('one', 'udp_port ='), /has udp_port ""; expected a port, 0 … 65535$/],
  ['an option of ssh for a name', board('one', 'ssh_user = -oProxyCommand=x'), /has ssh_user "-oProxyCommand=x"/],
  ['no script', board('one').filter((line) => !line.startsWith('remote_script')), /has no remote_script; /],
])('refuses %s', (_, lines, line) => {
  expect(() => settingsIn(text(...lines), 'b.ini')).toThrow(line);
});

it('knows the paths of both boards by their users', async () => {
  expect(await readSettings('pynq.local')).toMatchObject({ user: 'xilinx', folder: '/opt/nengo-pynq/params', port: 0 });
  expect(await readSettings('root@10.0.0.9')).toMatchObject({ host: '10.0.0.9', folder: '/opt/nengo-de1/params' });
  for (const other of ['10.0.0.1:22', 'fe80::1', 'root@::1'])
    await expect(readSettings(other)).rejects.toThrow(
      /: is not an address; expected nengofpga:HOST or nengofpga:FILE\.ini$/,
    );
  await expect(readSettings('-oProxyCommand=x')).rejects.toThrow(/^nengofpga:-oProxyCommand=x: is not an address; /);
});
