import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/** How to reach a board, and what lies on it. */
export interface BoardSettings {
  /** For people: host name or address. */
  readonly host: string;
  /** The address of this machine that the board sends to; absent: the one from which the way to the board begins. */
  readonly localHost?: string;
  readonly user: string;
  readonly sshPort: number;
  /** File of a private key; absent: what ssh finds by itself. */
  readonly key?: string;
  /** The program on the board that runs an ensemble, and the one that tells its number. */
  readonly script: string;
  readonly idScript: string;
  /** Folder on the board for files of parameters. */
  readonly folder: string;
  /** UDP port of both ends; 0: one that is free here. */
  readonly port: number;
}

/** As the vendor's examples have it (nengo-fpga e0bd838, docs/getting-started.rst). */
const EXAMPLES = {
  pynq: { user: 'xilinx', home: '/opt/nengo-pynq/nengo_pynq', folder: '/opt/nengo-pynq/params' },
  de1: { user: 'root', home: '/opt/nengo-de1/nengo_de1', folder: '/opt/nengo-de1/params' },
} as const;

const HOST = /^(?:([\w.-]+)@)?([\w.-]+)$/;
const FILE = /^(.+\.ini)(?:#(.+))?$/s;

/**
 * What stands behind `nengofpga:`: `HOST` (a PYNQ board, whose user is xilinx), `root@HOST` (a DE1-SoC), or a
 * configuration file of the vendor, `FILE.ini`, with `#SECTION` where it has several boards. Rejects with `usage` or
 * `file`.
 */
export async function readSettings(rest: string): Promise<BoardSettings> {
  const [, file, section] = FILE.exec(rest) ?? [];
  if (file !== undefined) return settingsIn(await textOf(file), file, section);
  const [, user, host] = HOST.exec(rest) ?? [];
  if (host === undefined || host.startsWith('-') || user?.startsWith('-'))
    throw new SpikewireError('usage', `nengofpga:${rest}`, 'is not an address', 'nengofpga:HOST or nengofpga:FILE.ini');
  const { home, folder, ...example } = user === 'root' ? EXAMPLES.de1 : EXAMPLES.pynq;
  const paths = { script: `${home}/single_pes_net.py`, idScript: `${home}/id_script.py`, folder };
  return { host, user: user ?? example.user, sshPort: 22, ...paths, port: 0 };
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('file', file, `cannot be read (${cause.code})`, 'a configuration of nengo-fpga', cause);
  });
}

/** The board of a configuration: the named one, or the only one. Throws `file` where something is missing or wrong. */
export function settingsIn(text: string, file: string, name?: string): BoardSettings {
  const sections = readIni(text);
  const boards = [...sections.keys()].filter((section) => section !== 'host');
  const chosen = name ?? boards[0];
  if (chosen === undefined || !sections.has(chosen) || (name === undefined && boards.length > 1)) {
    const problem = name === undefined ? `has ${boards.length} boards` : `has no board "${name}"`;
    throw new SpikewireError('file', file, problem, `${file}#NAME, with one of: ${boards.join(', ') || 'none'}`);
  }
  const board = sections.get(chosen)!;
  const where = `${file}, [${chosen}]`;
  const key = board.get('ssh_key');
  if (key === undefined && board.get('ssh_pwd'))
    throw new SpikewireError('file', where, 'has a password (ssh_pwd), which is not used', 'ssh_key, or a key of ssh');
  const word = (option: string) => wordOf(board, option, where);
  const localHost = sections.get('host')?.get('ip');
  return {
    host: word('ip'),
    ...(localHost && { localHost }),
    user: word('ssh_user'),
    sshPort: portOf(board, 'ssh_port', where, { least: 1, preset: 22 }),
    ...(key && { key }),
    script: word('remote_script'),
    idScript: word('id_script'),
    folder: word('remote_tmp'),
    port: portOf(board, 'udp_port', where, { least: 0, preset: 0 }),
  };
}

/** Sections of `[name]` with `key = value` lines; `#` and `;` begin comments. */
function readIni(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === '' || /^[#;]/.test(line)) continue;
    const title = /^\[(.+)\]$/.exec(line)?.[1];
    if (title !== undefined) {
      section = new Map();
      sections.set(title, section);
      continue;
    }
    const [, key, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined) section?.set(key.toLowerCase(), value!);
  }
  return sections;
}

function wordOf(board: ReadonlyMap<string, string>, option: string, where: string): string {
  const word = board.get(option);
  // What begins with a hyphen would be an option of ssh.
  if (word !== undefined && /^[^-\s][^\n]*$/.test(word)) return word;
  throw new SpikewireError(
    'file',
    where,
    word === undefined ? `has no ${option}` : `has ${option} "${word}"`,
    'a word',
  );
}

function portOf(
  board: ReadonlyMap<string, string>,
  option: string,
  where: string,
  { least, preset }: { readonly least: number; readonly preset: number },
): number {
  const word = board.get(option);
  if (word === undefined) return preset;
  const port = /^\d+$/.test(word) ? Number(word) : Number.NaN;
  if (port >= least && port < 65536) return port;
  throw new SpikewireError('file', where, `has ${option} "${word}"`, `a port, ${least} … 65535`);
}
