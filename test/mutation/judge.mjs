// Runs tests on the copy with one mutation in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileKernels } from '../../scripts/build/kernels.mjs';
import { mergeModules } from '../../scripts/build/modules.mjs';
import { compileTypeScript } from '../../scripts/build/typescript.mjs';

/** A mutation hangs if no test ends for this long. */
const HANG_SECONDS = 120;
/** Files of tests in the first run of vitest; each run after it has three times more. */
const FIRST_FILES = 3;
/** Its modules are not merged. */
const PAGE = /\/dashboard\/page\//;
/** Between the file, the suites and the name of a test. */
const SEPARATOR = ' > ';

/**
 * `outcome` is 'killed', 'survived', or 'invalid' where the kernels do not compile. `by` is the test that failed or
 * hung, `why` the first line of its error, `files` the number of files of tests that ended.
 *
 * @typedef {{ outcome: string, by?: string, why?: string, files: number, seconds: number }} Verdict
 */

/** Judges mutations in a copy of the repository. */
export class Judge {
  #copy;

  constructor(copy) {
    this.#copy = copy;
  }

  /**
   * Runs the tests in this order, until one fails. The first files always run; after `seconds` no more tests begin.
   *
   * @returns {Promise<Verdict>}
   */
  async judge({ file, text }, tests, seconds) {
    const start = performance.now();
    const path = join(this.#copy, file);
    const original = readFileSync(path);
    writeFileSync(path, text);
    try {
      const verdict = (await this.#build())
        ? await this.#tested(tests, start + 1000 * seconds)
        : { outcome: 'invalid' };
      return { ...verdict, seconds: Math.round((performance.now() - start) / 1000) };
    } finally {
      writeFileSync(path, original);
    }
  }

  /** Which of these tests, as `by` names them, fail without a mutation too, and therefore judge nothing. */
  async unsound(tests) {
    await this.#build('');
    const failed = new Set();
    const note = ({ state, by }) => {
      if (state === 'failed') failed.add(by);
    };
    const named = tests.filter((by) => by.includes(SEPARATOR));
    const files = new Set(named.map((by) => by.split(SEPARATOR)[0]));
    if (files.size > 0) await this.#run([...files], note, ['--testNamePattern', anyOf(named)]);
    const whole = new Set(tests.filter((by) => !by.includes(SEPARATOR)));
    if (whole.size > 0) await this.#run([...whole], note);
    return failed;
  }

  async #tested(tests, end) {
    let ended = 0;
    let killed;
    for (const batch of batches(tests)) {
      const isFirst = ended === 0;
      await this.#run(batch, ({ state, by, why }) => {
        if (state === 'ended') ended++;
        if (state === 'failed') killed = { by, why };
        return killed !== undefined || (!isFirst && performance.now() > end);
      });
      if (killed !== undefined) return { outcome: 'killed', ...killed, files: ended };
      if (performance.now() > end) break;
    }
    return { outcome: 'survived', files: ended };
  }

  async #build(file) {
    try {
      await compileKernels(this.#copy);
      await mergeModules(this.#copy);
      if (PAGE.test(file)) compileTypeScript(this.#copy);
      return true;
    } catch {
      return false;
    }
  }

  /** Runs files of tests, and gives each line of the reporter to `take`, until that returns true. */
  async #run(files, take, options = []) {
    const config = ['--config', 'test/mutation/vitest.config.ts', '--root', '.'];
    const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...config, ...options, ...files], {
      cwd: this.#copy,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let last = files[0];
    let ended = 0;
    const hang = setTimeout(() => {
      take({ state: 'failed', by: last, why: 'hangs' });
      endGroup(vitest);
    }, 1000 * HANG_SECONDS);
    createInterface({ input: vitest.stdout }).on('line', (line) => {
      const [state, file, name, why] = line.split('\t');
      if (why === undefined) return;
      hang.refresh();
      last = file;
      if (state === 'ended') ended++;
      if (take({ state, by: name ? `${file}${SEPARATOR}${name}` : file, why })) endGroup(vitest);
    });
    const [, signal] = await once(vitest, 'close');
    clearTimeout(hang);
    endGroup(vitest);
    if (signal === null && ended < files.length) take({ state: 'failed', by: last, why: 'ends before its tests' });
  }
}

/** With its threads and with what its tests have started. */
function endGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

/** A pattern of the names of these tests, for vitest. */
function anyOf(tests) {
  const names = tests.map((by) => by.split(SEPARATOR).slice(1).join(' '));
  return `^(${[...new Set(names.map((name) => name.replaceAll(/[^\w]+/g, '.+')))].join('|')})$`;
}

function* batches(tests) {
  for (let from = 0, size = FIRST_FILES; from < tests.length; from += size, size *= 3)
    yield tests.slice(from, from + size);
}
