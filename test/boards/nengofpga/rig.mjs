import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/**
 * Programs named ssh and sftp that run their command in this machine's shell and copy within it, in front of the others
 * in PATH. The board has an address of its own, 127.0.0.2, because both ends have the same port.
 *
 * `file` is a configuration of the vendor, which names the twin; for faults see twin.mjs.
 *
 * @param {Readonly<Record<string, number | string | boolean>>} faults
 */
export async function fakeSshRig(faults = {}) {
  const rig = await twinFolder(faults);
  await rig.program('bin', 'ssh', ['for word; do command=$word; done', 'exec sh -c "exec $command"']);
  await rig.program('bin', 'sftp', ['read -r put from to', 'test "$put" = put && eval cp "$from" "$to"']);
  return inPath(rig, configuration(rig.folder, 'xilinx', 22));
}

/** Where a real sshd is: as installed, or by a variable. It finds its own programs beside it. */
const SSHD = process.env.SPIKEWIRE_SSHD ?? '/usr/sbin/sshd';

/**
 * The system's own ssh and sftp, and an sshd on a free port that an ordinary user runs: the one of the test, or where
 * that is root, the first with a shell. ssh knows the host key from a file of the test, unless `known` is false.
 */
export async function sshdRig({ known = true } = {}) {
  const rig = await twinFolder({});
  const { folder } = rig;
  const user = await ordinaryUser();
  // Another user may not reach Node.js and the twin where they are.
  const node = join(folder, 'node');
  await copyFile(process.execPath, node);
  for (const name of ['twin.mjs', 'parameters.mjs']) await copyFile(join(HERE, name), join(folder, name));
  await rig.python(node, join(folder, 'twin.mjs'));
  for (const key of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  const port = await freePort();
  await writeFile(
    join(folder, 'known_hosts'),
    known ? `[127.0.0.2]:${port} ${await readFile(`${folder}/host.pub`)}` : '',
  );
  const libraries = join(dirname(SSHD), '../lib/openssh');
  const lines = [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.2', `HostKey ${folder}/host`, 'PidFile none', 'StrictModes no'],
    ...[`AuthorizedKeysFile ${folder}/client.pub`, 'PasswordAuthentication no', 'UsePAM no'],
    ...['Subsystem sftp internal-sftp', `SetEnv PATH=${folder}/board:/usr/bin:/bin`],
    ...[`SshdSessionPath ${libraries}/sshd-session`, `SshdAuthPath ${libraries}/sshd-auth`],
  ];
  await writeFile(join(folder, 'sshd_config'), lines.join('\n'));
  execFileSync('cp', ['-p', join(folder, 'client'), join(folder, 'mine')]);
  execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
  execFileSync('chown', [String(process.getuid()), join(folder, 'mine')]);
  for (const name of ['ssh', 'sftp']) {
    const options = `-o UserKnownHostsFile='${folder}/known_hosts' -o GlobalKnownHostsFile=/dev/null`;
    await rig.program('bin', name, [`exec /usr/bin/${name} ${options} "$@"`]);
  }
  const sshd = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    uid: user.uid,
    gid: user.gid,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise((resolve, reject) => {
    sshd.once('close', () => reject(new Error(`sshd ended: ${said}`)));
    sshd.stderr.on('data', (text) => {
      said += text;
      if (/Server listening/.test(said)) resolve(undefined);
    });
  });
  const open = await inPath(rig, configuration(folder, user.name, port, join(folder, 'mine')));
  return {
    ...open,
    async close() {
      sshd.kill();
      await open.close();
    },
  };
}

/** A folder with what is on the board: the programs python and sudo, and a place for parameters. */
async function twinFolder(faults) {
  const folder = await mkdtemp(join(tmpdir(), 'nengofpga-'));
  const program = async (place, name, lines) => {
    await mkdir(join(folder, place), { recursive: true });
    await writeFile(join(folder, place, name), ['#!/bin/sh', ...lines, ''].join('\n'));
    await chmod(join(folder, place, name), 0o755);
  };
  await mkdir(join(folder, 'params'));
  await program('board', 'sudo', ['test "$1" = -n && shift && exec "$@"']);
  const python = (node, twin) =>
    program('board', 'python', [`exec '${node}' '${twin}' --faults="$(cat '${folder}/faults.json')" "$@"`]);
  await python(process.execPath, join(HERE, 'twin.mjs'));
  const setFaults = (given) => writeFile(join(folder, 'faults.json'), JSON.stringify(given));
  await setFaults(faults);
  return { folder, program, python, setFaults };
}

/** Puts the programs of a rig in front of the others until it is closed. */
async function inPath({ folder, setFaults }, text) {
  const file = join(folder, 'boards.ini');
  await writeFile(file, text);
  const own = [join(folder, 'bin'), join(folder, 'board')];
  const others = () => process.env.PATH.split(delimiter).filter((each) => !own.includes(each));
  process.env.PATH = [...own, ...others()].join(delimiter);
  return {
    file,
    folder,
    setFaults,
    async close() {
      // Those that another rig has put there stay.
      process.env.PATH = others().join(delimiter);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ordinaryUser() {
  const { uid, gid, username } = userInfo();
  if (uid !== 0) return { uid, gid, name: username };
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const [name, , id, group] = users.find(
    ([, , each, , , , shell]) => Number(each) > 0 && /\/(ba|da)?sh$/.test(shell ?? ''),
  );
  return { uid: Number(id), gid: Number(group), name };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.2');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export function configuration(folder, user, port, key) {
  return [
    '# Of a test.',
    '[host]',
    'ip = 127.0.0.1',
    '[pynq]',
    'ip = 127.0.0.2',
    `ssh_port = ${port}`,
    `ssh_user = ${user}`,
    ...(key === undefined ? [] : [`ssh_key = ${key}`]),
    `remote_script = ${folder}/single_pes_net.py`,
    `id_script = ${folder}/id_script.py`,
    `remote_tmp = ${folder}/params`,
    'udp_port = 0',
    '',
  ].join('\n');
}
