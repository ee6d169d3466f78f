import { createHash, randomBytes } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import type { Changes, Database } from '../database/database.ts';
import { UnknownItemError } from '../database/unknown-item.ts';
import { note } from '../history/history.ts';
import type { Person, Role } from '../wire/wire.ts';
import { MOST_PEOPLE, PERSON_ROLES } from './role.ts';

export interface NewPerson {
  /** Unique; it stands in the history. */
  readonly name: string;
  readonly role: Role;
  /** Who adds the person. */
  readonly by: string;
}

/** Of the person that the first start of a controller makes. */
export const FIRST_PERSON = 'administrator';
/** In the history, what the controller does by itself. */
export const CONTROLLER = 'controller';

const TOKEN_BYTES = 24;
const ID_BYTES = 8;
const LONGEST_NAME = 64;
const COLUMNS = ['id', 'name', 'role', 'made', 'madeBy'] as const;

/** Who may use the controller, and for what. Of tokens only the SHA-256 is stored. */
export class People {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The person with this token. */
  whose(token: string): Promise<Person | undefined> {
    const { queries } = this.#database;
    return queries.selectFrom('person').select(COLUMNS).where('hash', '=', hashOf(token)).executeTakeFirst();
  }

  /** All of them, by name; at most 1000. */
  list(): Promise<Person[]> {
    return this.#database.queries.selectFrom('person').select(COLUMNS).orderBy('name').execute();
  }

  /** Adds a person, and returns the token, which nobody can read again. Throws `input` and `usage`. */
  async add({ name, role, by }: NewPerson): Promise<{ readonly id: string; readonly token: string }> {
    expectPersonName(name);
    const [id, token] = [randomBytes(ID_BYTES).toString('hex'), newToken()];
    await this.#database.queries.transaction().execute(async (changes) => {
      if ((await countOf(changes)) >= MOST_PEOPLE)
        throw new SpikewireError('usage', 'people', `are ${MOST_PEOPLE}`, `fewer than ${MOST_PEOPLE}`);
      if (!(await this.#insert(changes, { id, name, role, by }, token)))
        throw new SpikewireError('usage', `person ${name}`, 'already exists', 'another name');
      await note(changes, this.#database.now, {
        actor: by,
        action: 'add-person',
        subject: id,
        details: { name, role },
      });
    });
    return { id, token };
  }

  /** Takes access from a person. Throws `usage` where it is the last one who administers. */
  async remove(id: string, by: string): Promise<void> {
    const { queries, now } = this.#database;
    await queries.transaction().execute(async (changes) => {
      const removed = await changes
        .deleteFrom('person')
        .where('id', '=', id)
        .returning(['name', 'role'])
        .executeTakeFirst();
      if (removed === undefined) throw new UnknownItemError('person', id);
      // Entries of the history wait for each other, so no other transaction removes the other administrator meanwhile.
      await note(changes, now, { actor: by, action: 'remove-person', subject: id, details: removed });
      if (removed.role === 'administer' && !(await hasAdministrator(changes)))
        throw new SpikewireError('usage', `person ${removed.name}`, 'is the last one who administers', 'another one');
    });
  }

  /**
   * Makes the first person, who administers, where there is nobody; of several controllers that start at a time one
   * does that.
   * @param keep puts the token into a safe place, before it can be used
   */
  async addFirst(keep: (token: string) => Promise<void>): Promise<boolean> {
    const { queries, now } = this.#database;
    return queries.transaction().execute(async (changes) => {
      if ((await countOf(changes)) > 0) return false;
      const [id, token] = [randomBytes(ID_BYTES).toString('hex'), newToken()];
      const first = { id, name: FIRST_PERSON, role: 'administer', by: CONTROLLER } as const;
      if (!(await this.#insert(changes, first, token))) return false;
      const details = { name: FIRST_PERSON, role: 'administer' };
      await note(changes, now, { actor: CONTROLLER, action: 'add-person', subject: id, details });
      await keep(token);
      return true;
    });
  }

  /**
   * Gives the first person another token, also where that person was removed: for whoever has lost all tokens, and can
   * change the database.
   */
  async renewFirst(keep: (token: string) => Promise<void>): Promise<void> {
    const { queries, now } = this.#database;
    await queries.transaction().execute(async (changes) => {
      const [id, token] = [randomBytes(ID_BYTES).toString('hex'), newToken()];
      const row = await changes
        .insertInto('person')
        .values({ id, name: FIRST_PERSON, role: 'administer', hash: hashOf(token), made: now(), madeBy: CONTROLLER })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ hash: hashOf(token), role: 'administer' }))
        .returning('id')
        .executeTakeFirstOrThrow();
      await note(changes, now, { actor: CONTROLLER, action: 'renew-token', subject: row.id });
      await keep(token);
    });
  }

  /** False where the name is taken. */
  async #insert(changes: Changes, { id, name, role, by }: NewPerson & { id: string }, token: string): Promise<boolean> {
    const row = await changes
      .insertInto('person')
      .values({ id, name, role, hash: hashOf(token), made: this.#database.now(), madeBy: by })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }
}

/**
 * Names in the history that are no person's: of the controller, and of devices, which are called by their ids there.
 */
const RESERVED = new RegExp(`^(${CONTROLLER}|[0-9a-f]{32})$`);

function expectPersonName(name: string): void {
  const isName = /^[\p{L}\p{N}][\p{L}\p{N} ._@+-]*$/u.test(name) && name.trim() === name && !RESERVED.test(name);
  if (isName && name.length <= LONGEST_NAME) return;
  const expected = `1 to ${LONGEST_NAME} letters, digits, blanks and any of . _ @ + -`;
  throw new SpikewireError(
    'input',
    'name of a person',
    `${JSON.stringify(name.slice(0, LONGEST_NAME))} is not a name`,
    expected,
  );
}

async function countOf(changes: Changes): Promise<number> {
  const { count } = await changes
    .selectFrom('person')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

async function hasAdministrator(changes: Changes): Promise<boolean> {
  const highest = PERSON_ROLES.at(-1)!;
  const row = await changes.selectFrom('person').select('id').where('role', '=', highest).executeTakeFirst();
  return row !== undefined;
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
