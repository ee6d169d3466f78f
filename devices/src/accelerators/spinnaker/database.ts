import { execFile } from 'node:child_process';
import { resolve as resolvePath } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { BoardNetwork, BoardPopulation } from './board-network.ts';

/** Most bytes of the answer to a question: a million neurons. */
const MOST_ANSWER = 2 ** 27;
const MOST_MS = 30_000;

// What is asked of the database (SpiNNFrontEndCommon a100eec, database/db.sql and database_reader.py). The table
// `proxy_configuration` may hold passwords and is never read.
const QUESTIONS = [
  'SELECT parameter_id, value FROM configuration_parameters;',
  'SELECT label, atom, event FROM label_event_atom_view ORDER BY label, atom;',
  'SELECT vertex_label AS label, x, y, p FROM application_vertex_placements;',
  `SELECT DISTINCT pre_vertex_label AS label, strip_sdp, board_address, tag FROM app_output_tag_view
   WHERE post_vertex_label LIKE 'LiveSpikeReceiver%';`,
  'SELECT DISTINCT eth_ip_address AS address FROM chip_eth_info;',
];

type Row = Readonly<Record<string, string | number | null>>;

/**
 * The net that the tool chain describes in its SQLite file, read by the program `sqlite3`. Rejects with `unsupported`
 * where that is not installed, with `file` for another file.
 */
export async function readDatabase(path: string): Promise<BoardNetwork> {
  const where = `database ${path}`;
  const [parameters, atoms, places, tags, boards] = await ask(path);
  const settings = new Map(parameters!.map(({ parameter_id, value }) => [parameter_id, Number(value)]));
  const microseconds = settings.get('machine_time_step');
  if (!(microseconds! > 0)) throw new SpikewireError('file', where, 'has no machine_time_step', 'microseconds');
  const addresses = new Set([...boards!.map(({ address }) => address), ...tags!.map((row) => row.board_address)]);
  const [board, ...more] = [...addresses].filter((address) => typeof address === 'string');
  if (more.length > 0) throw new SpikewireError('unsupported', where, `has ${more.length + 1} boards`, 'one board');
  return {
    board: board as string | undefined,
    timeStep: microseconds! * 1e-6,
    slowdown: Math.max(1, settings.get('time_scale_factor') ?? 1),
    populations: populationsOf(where, atoms!, places!, tags!),
  };
}

function populationsOf(where: string, atoms: Row[], places: Row[], tags: Row[]): BoardPopulation[] {
  const keys = new Map<string, number[]>();
  for (const { label, atom, event } of atoms) {
    const list = keys.get(String(label)) ?? [];
    keys.set(String(label), list);
    if (atom !== list.length)
      throw new SpikewireError('file', where, `lacks the key of neuron ${list.length} of "${label}"`, 'all keys');
    list.push(Number(event));
  }
  return Array.from(keys, ([label, ofLabel]) => {
    const place = places.find((row) => row.label === label);
    const tag = tags.find((row) => row.label === label);
    if (tag !== undefined && !tag.strip_sdp)
      throw new SpikewireError('unsupported', where, `keeps the SDP header in the spikes of "${label}"`, 'strip_sdp');
    const core = place && { x: Number(place.x), y: Number(place.y), cpu: Number(place.p) };
    return { label, keys: ofLabel, core, tag: tag && Number(tag.tag) };
  });
}

async function ask(path: string): Promise<Row[][]> {
  // An answer without rows is no JSON, so each question is a process of its own.
  const answers: Row[][] = [];
  for (const question of QUESTIONS) answers.push(await askOne(path, question));
  return answers;
}

function askOne(path: string, question: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: MOST_ANSWER, timeout: MOST_MS };
    execFile('sqlite3', [...ARGUMENTS, resolvePath(path), question], options, (error, text) => {
      if (error === null) return void rowsOf(path, text).then(resolve, reject);
      const isMissing = error.code === 'ENOENT';
      const problem = isMissing
        ? new SpikewireError('unsupported', 'sqlite3', 'is not installed', 'sudo apt install sqlite3', error)
        : new SpikewireError(
            'file',
            `database ${path}`,
            `cannot be read (${lastLine(error.message)})`,
            EXPECTED,
            error,
          );
      reject(problem);
    });
  });
}

/** No file of the user's settings changes the form of answers. */
const ARGUMENTS = ['-init', '/dev/null', '-readonly', '-batch', '-json'];

async function rowsOf(path: string, text: string): Promise<Row[]> {
  if (text.trim() === '') return [];
  try {
    return JSON.parse(text) as Row[];
  } catch (cause) {
    throw new SpikewireError('file', `database ${path}`, 'is answered by sqlite3 in another form', 'JSON', cause);
  }
}

const EXPECTED = 'the database of SpiNNaker tools';

const lastLine = (text: string) => text.trim().split('\n').at(-1)!.slice(0, 200);
