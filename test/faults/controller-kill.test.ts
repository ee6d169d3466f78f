import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkHistory, openDatabase } from '@spikewire/fleet/controller';
import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { ENGINES, newDatabase } from '../../fleet/src/controller/database/new-database.test-data.ts';

const PROGRAM = fileURLToPath(new URL('controller.mjs', import.meta.url));
const [PIECES, STEPS, LEASE_MS, KILLS] = [4, 150, 400, 10];

/** Controllers of one database, each in a process of its own. */
class Controllers {
  readonly #address: string;
  readonly #running: ChildProcess[] = [];
  #started = 0;

  constructor(address: string) {
    this.#address = address;
  }

  async start(): Promise<void> {
    const holder = `controller-${++this.#started}`;
    const values = [this.#address, holder, PIECES, STEPS, LEASE_MS].map(String);
    const child = spawn(process.execPath, [PROGRAM, ...values], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#running.push(child);
    await Promise.race([once(child.stdout!, 'data'), once(child, 'close')]);
  }

  /** Kills one of them, unless all have done their work. */
  async kill(random: RandomGenerator): Promise<void> {
    const [child] = this.#running.splice(Math.floor(random.nextUniform() * this.#running.length), 1);
    if (child!.exitCode !== null) return;
    child!.kill('SIGKILL');
    await once(child!, 'close');
  }

  /** Lets one of them sleep until its leases are another's, and wake up to go on with what it was doing. */
  async suspend(random: RandomGenerator): Promise<void> {
    const child = this.#running[Math.floor(random.nextUniform() * this.#running.length)]!;
    child.kill('SIGSTOP');
    await pause(2 * LEASE_MS);
    child.kill('SIGCONT');
  }

  /** Resolves with the codes with which they end. */
  ended(): Promise<(number | null)[]> {
    return Promise.all(
      this.#running.map(async (child) => child.exitCode ?? ((await once(child, 'close'))[0] as number)),
    );
  }

  /** Ends all, also those of a test that has failed. */
  end(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}

it.for(ENGINES)(
  'controllers that are killed or suspended do each step once and in order, in %s',
  {
    timeout: 180_000,
  },
  async (engine, context) => {
    const address = await newDatabase(engine, context);
    const random = new RandomGenerator(20261202, 'kills');
    const controllers = new Controllers(address);
    context.onTestFinished(() => controllers.end());
    // Several processes wait for the file of SQLite at each step: there is one of them, and its successor.
    for (let k = 0; k < (engine === 'postgres' ? 3 : 1); k++) await controllers.start();
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(100 + 400 * random.nextUniform());
      if (engine === 'postgres') await controllers.suspend(random);
      await controllers.kill(random);
      await controllers.start();
    }
    expect(new Set(await controllers.ended())).toEqual(new Set([0]));

    const database = await openDatabase(address);
    context.onTestFinished(() => database.close());
    const { queries } = database;
    const rows = await queries.selectFrom('history').selectAll().orderBy('number').execute();
    for (let piece = 0; piece < PIECES; piece++) {
      const steps = rows
        .filter(({ subject }) => subject === `piece-${piece}`)
        .map(({ details }) => JSON.parse(details).step);
      expect(steps).toEqual(Array.from({ length: STEPS }, (_, k) => k + 1));
    }
    // Otherwise nothing was taken over.
    expect(new Set(rows.map(({ actor }) => actor)).size).toBeGreaterThan(3);
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole', head: { number: PIECES * STEPS } });
  },
);
