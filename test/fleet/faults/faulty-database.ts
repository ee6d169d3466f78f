import { AsyncLocalStorage } from 'node:async_hooks';
import type { RolloutMachineRow, RolloutRow } from '@spikewire/fleet/controller';
import { type Database, type LeaseRow, openDatabase } from '@spikewire/fleet/controller';
import { CompiledQuery, type DatabaseConnection, type QueryResult, sql } from 'kysely';
import type { ChangedRows, Operation, ReportedRow } from './history.ts';

/** What a controller is doing, for whatever its database does meanwhile. */
export const doing = new AsyncLocalStorage<Operation>();

/** What becomes of a controller or of a statement, just before it is executed or just after. */
export type Fate = 'proceed' | 'fail' | 'die before' | 'die after' | { readonly stall: number };

export interface Watcher {
  /** @param isWithin whether the statement is in a transaction; `commit` is, `begin` is not */
  readonly fate: (isWithin: boolean) => Fate;
  readonly stall: (milliseconds: number) => Promise<void>;
  readonly begun: (operation: Operation | undefined) => number;
  readonly committed: (transaction: number, operation: Operation | undefined, rows: ChangedRows) => void;
  readonly undone: (transaction: number, operation: Operation | undefined) => void;
}

/** One writer at a time, as SQLite has it: in one process a connection that waits for another one stops both. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn, with what ends the turn. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let end = () => {};
    this.#last = new Promise((resolve) => (end = resolve));
    await before;
    return end;
  }
}

/** Statements that are under way somewhere: while there are some, time stands still. */
export class Traffic {
  count = 0;

  async of<T>(work: () => Promise<T>): Promise<T> {
    this.count++;
    try {
      return await work();
    } finally {
      this.count--;
    }
  }
}

export interface FaultyDatabaseOptions {
  readonly address: string;
  /** Unique among all that ever open the database. */
  readonly name: string;
  readonly turns: Turns;
  readonly traffic: Traffic;
  /** Milliseconds since 1970, instead of the database's clock. */
  readonly now: () => number;
  readonly watcher: Watcher;
}

type Executing = Pick<DatabaseConnection, 'executeQuery'>;

/** The controller's own database, whose controller can die, stall or see a failure between any two statements. */
export class FaultyDatabase {
  readonly database: Database;
  readonly #options: FaultyDatabaseOptions;
  readonly #committing = new Set<Promise<unknown>>();
  #isDead = false;
  #endTurn = () => {};

  static async open(options: FaultyDatabaseOptions): Promise<FaultyDatabase> {
    const { address, name, traffic, turns } = options;
    const isFile = !address.startsWith('postgres:');
    const end = await turns.take(); // its tables may have to be made
    const opening = traffic.of(() => openDatabase(isFile ? address : `${address}?application_name=${name}`));
    const stored = await opening.finally(end);
    // Processes end here, and no machine does.
    if (isFile) await sql`pragma synchronous = off`.execute(stored.queries);
    return new FaultyDatabase(stored, options);
  }

  private constructor(stored: Database, options: FaultyDatabaseOptions) {
    this.#options = options;
    this.database = { ...stored, now: () => sql<number>`cast(${sql.lit(options.now())} as bigint)` };
    const executor = stored.queries.getExecutor();
    const provide = executor.provideConnection.bind(executor);
    executor.provideConnection = (consumer) => {
      if (this.#isDead) return new Promise(() => {});
      let isProvided = () => {};
      void options.traffic.of(() => new Promise<void>((resolve) => (isProvided = resolve)));
      const whole = provide((connection) => {
        isProvided();
        return consumer(this.#watched(connection));
      });
      whole.catch(isProvided);
      return whole;
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The process ends: nothing that it has begun goes on, and its connections are closed. */
  async die(): Promise<void> {
    if (this.#isDead) return;
    this.#isDead = true;
    const { address, name, traffic } = this.#options;
    if (this.database.engine === 'sqlite') await this.database.close();
    else {
      await Promise.allSettled(this.#committing); // what became of them is known then
      await traffic.of(() => endConnections(address, name));
    }
    this.#endTurn();
  }

  async close(): Promise<void> {
    this.#isDead = true;
    await this.database.close();
  }

  #watched(connection: DatabaseConnection): DatabaseConnection {
    const session = new Session(connection, this.#options, {
      isDead: () => this.#isDead,
      die: () => this.die(),
      holdTurn: (end) => (this.#endTurn = end),
      committing: this.#committing,
    });
    return {
      executeQuery: (query) => session.execute(query) as Promise<QueryResult<never>>,
      streamQuery: connection.streamQuery.bind(connection),
    };
  }
}

interface Process {
  readonly isDead: () => boolean;
  readonly die: () => Promise<void>;
  /** Its turn to write has begun; `end` ends it. */
  readonly holdTurn: (end: () => void) => void;
  readonly committing: Set<Promise<unknown>>;
}

/** The statements on one connection while somebody has it. */
class Session {
  readonly #connection: Executing;
  readonly #options: FaultyDatabaseOptions;
  readonly #process: Process;
  #transaction: number | undefined;
  #endTurn: (() => void) | undefined;

  constructor(connection: Executing, options: FaultyDatabaseOptions, process: Process) {
    [this.#connection, this.#options, this.#process] = [connection, options, process];
  }

  async execute(query: CompiledQuery): Promise<QueryResult<unknown>> {
    await this.#expectLife();
    const fate = this.#options.watcher.fate(this.#transaction !== undefined);
    if (fate === 'die before') await this.#process.die();
    if (typeof fate === 'object') await this.#options.watcher.stall(fate.stall);
    await this.#expectLife();
    if (fate === 'fail' && query.sql !== 'rollback') throw Object.assign(new Error('fated to fail'), { code: 'EIO' });
    const result = await this.#carryOut(query);
    if (fate === 'die after') await this.#process.die();
    await this.#expectLife();
    return result;
  }

  async #carryOut(query: CompiledQuery): Promise<QueryResult<unknown>> {
    const isWriting =
      query.sql === 'begin' || (this.#transaction === undefined && !/^(select|pragma)/i.test(query.sql));
    if (isWriting && this.#isFile) await this.#takeTurn();
    const operation = doing.getStore();
    const { watcher } = this.#options;
    const rows = query.sql === 'commit' ? await this.#rows() : undefined;
    await this.#expectLife();
    const executing = this.#raw(query);
    if (rows !== undefined) this.#process.committing.add(executing);
    try {
      const result = await executing;
      if (query.sql === 'begin') this.#transaction = watcher.begun(operation);
      if (rows !== undefined) watcher.committed(this.#transaction!, operation, rows);
      if (query.sql === 'rollback') watcher.undone(this.#transaction!, operation);
      return result;
    } finally {
      this.#process.committing.delete(executing);
      const hasEnded = query.sql === 'commit' || query.sql === 'rollback';
      if (hasEnded) this.#transaction = undefined;
      if (this.#transaction === undefined) this.#leaveTurn();
    }
  }

  get #isFile(): boolean {
    return !this.#options.address.startsWith('postgres:');
  }

  #raw(query: CompiledQuery): Promise<QueryResult<unknown>> {
    return this.#options.traffic.of(() => this.#connection.executeQuery(query));
  }

  /** What it can have written; in PostgreSQL, where transactions overlap, only what it has. */
  async #rows(): Promise<ChangedRows> {
    const own = this.#isFile ? 'true' : 'xmin = pg_current_xact_id()::xid';
    const read = async <Row>(table: string, columns = '*') => {
      const { rows } = await this.#raw(CompiledQuery.raw(`select ${columns} from "${table}" where ${own}`));
      return rows.map((row) => ({ ...(row as Row) }));
    };
    return {
      rollouts: await read<RolloutRow>('rollout'),
      machines: await read<RolloutMachineRow>('rolloutMachine'),
      leases: await read<LeaseRow>('lease'),
      reported: await read<ReportedRow>('device', 'id, counter, version'),
    };
  }

  async #takeTurn(): Promise<void> {
    const end = await this.#options.turns.take();
    if (this.#process.isDead()) end();
    await this.#expectLife();
    this.#endTurn = end;
    this.#process.holdTurn(end);
  }

  #leaveTurn(): void {
    this.#endTurn?.();
    this.#endTurn = undefined;
  }

  /** A process that has ended does nothing any more, and says nothing. */
  #expectLife(): Promise<void> {
    return this.#process.isDead() ? new Promise(() => {}) : Promise.resolve();
  }
}

/** As the system does when a process ends: a transaction that is open is undone. */
async function endConnections(address: string, name: string): Promise<void> {
  const admin = await openDatabase(address);
  const ended = sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = ${name}`;
  await ended.execute(admin.queries);
  await admin.close();
}
