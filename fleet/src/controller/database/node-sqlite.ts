import { SpikewireError } from '@spikewire/models';
import { SqliteAdapter, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

type Values = readonly unknown[];

interface Statement {
  columns(): readonly unknown[];
  all(...values: Values): unknown[];
  run(...values: Values): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  iterate(...values: Values): IterableIterator<unknown>;
}

/** What is used of `node:sqlite`, which Node 20 does not have. */
interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options?: { readonly readOnly: boolean },
  ) => { close(): void; exec(text: string): void; prepare(text: string): Statement };
}

/** Throws `usage` where this release of Node has none. */
export function nodeSqlite(): NodeSqlite {
  const sqlite = process.getBuiltinModule?.('node:sqlite') as NodeSqlite | undefined;
  if (sqlite !== undefined) return sqlite;
  throw new SpikewireError('usage', `Node ${process.versions.node}`, 'has no SQLite', 'Node 24 or later');
}

/** Waits for another process at its beginning: a transaction that has read cannot wait any more. */
const BEGIN = 'begin immediate';

/**
 * SQLite of Node, on a database in a file, durable at the end of each transaction. Throws `usage` where this release of
 * Node has none, and `store` where the file cannot be opened.
 */
export class NodeSqliteDialect extends SqliteDialect {
  constructor(path: string) {
    super({ database: openNodeSqlite(path) });
  }

  /** Tables of SQLite change in transactions, too: a crash leaves no half of a migration. */
  override createAdapter(): SqliteAdapter {
    return new (class extends SqliteAdapter {
      override get supportsTransactionalDdl() {
        return true;
      }
    })();
  }
}

function openNodeSqlite(path: string): SqliteDatabase {
  const { DatabaseSync } = nodeSqlite();
  try {
    const database = new DatabaseSync(path);
    database.exec('pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = full');
    const prepare = remembered((text) => preparedIn(database, text === 'begin' ? BEGIN : text));
    return { close: () => database.close(), prepare };
  } catch (failure) {
    throw new SpikewireError('store', path, `cannot be opened: ${(failure as Error).message}`, 'a database of SQLite');
  }
}

function preparedIn(database: InstanceType<NodeSqlite['DatabaseSync']>, text: string): SqliteStatement {
  const statement = database.prepare(text);
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...values),
    run: (values) => statement.run(...values),
    iterate: (values) => statement.iterate(...values),
  };
}

/** Of those that were used last; others are prepared anew. */
const MOST_STATEMENTS = 200;

/** Preparing a statement takes longer than most of them do. Each is used up before it is used again. */
function remembered(prepare: (text: string) => SqliteStatement): SqliteDatabase['prepare'] {
  const statements = new Map<string, SqliteStatement>();
  return (text) => {
    const statement = statements.get(text) ?? prepare(text);
    statements.delete(text);
    statements.set(text, statement);
    if (statements.size > MOST_STATEMENTS) statements.delete(statements.keys().next().value!);
    return statement;
  };
}
