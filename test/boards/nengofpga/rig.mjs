import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TWIN = fileURLToPath(new URL('./twin.mjs', import.meta.url));

/**
 * Programs named ssh and sftp that run their command in this machine's shell and copy within it, in front of the others
 * in PATH. The board has an address of its own, 127.0.0.2, because both ends have the same port.
 *
 * `file` is a configuration of the vendor, which names the twin; for faults see twin.mjs.
 *
 * @param {Readonly<Record<string, number | string | boolean>>} faults
 */
export async function fakeSshRig(faults = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'nengofpga-'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await mkdir(join(folder, 'params'));
  const program = async (name, lines) => {
    await writeFile(join(bin, name), ['#!/bin/sh', ...lines, ''].join('\n'));
    await chmod(join(bin, name), 0o755);
  };
  await program('ssh', ['for word; do command=$word; done', 'exec sh -c "exec $command"']);
  await program('sftp', ['read -r put from to', 'test "$put" = put && eval cp "$from" "$to"']);
  await program('sudo', ['test "$1" = -n && shift && exec "$@"']);
  const setFaults = async (given) => {
    await writeFile(join(folder, 'faults.json'), JSON.stringify(given));
  };
  await setFaults(faults);
  await program('python', [`exec '${process.execPath}' '${TWIN}' --faults="$(cat '${folder}/faults.json')" "$@"`]);
  const file = join(folder, 'boards.ini');
  await writeFile(file, configuration(folder, 'xilinx', 22));
  const path = process.env.PATH;
  process.env.PATH = `${bin}${delimiter}${path}`;
  return {
    file,
    setFaults,
    async close() {
      process.env.PATH = path;
      await rm(folder, { recursive: true, force: true });
    },
  };
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
