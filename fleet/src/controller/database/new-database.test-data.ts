import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, type TestContext } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../../test/postgres.ts';
import { type Database, openDatabase } from './database.ts';

export const ENGINES: readonly Database['engine'][] = ['sqlite', 'postgres'];

/** One server for the databases of all tests of a file. */
let server: Promise<TestPostgres> | undefined;
afterAll(async () => (await server)?.close());

/** Address of a new database. The test is skipped where its engine is not here. */
export async function newDatabase(engine: Database['engine'], context: TestContext): Promise<string> {
  if (engine === 'postgres') return newPostgresDatabase(context);
  if (process.getBuiltinModule?.('node:sqlite') === undefined)
    context.skip('needs SQLite, which this release of Node does not have');
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-controller-'));
  context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'controller.db');
}

async function newPostgresDatabase(context: TestContext): Promise<string> {
  server ??= startPostgres(context);
  server.catch(() => (server = undefined)); // each test is skipped by itself
  const { address } = await server;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client(address);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return address.replace(/[^/]*$/, name);
}

const files = new Map<string, Promise<Database>>();

/**
 * The same database for another controller. A process has one connection to a file, since one that waits for another
 * one stops the process.
 */
export async function opened(address: string, context: TestContext): Promise<Database> {
  const isOpen = files.has(address);
  const opening = files.get(address) ?? openDatabase(address);
  if (!address.startsWith('postgres:')) files.set(address, opening);
  const database = await opening;
  if (!isOpen) context.onTestFinished(() => database.close());
  return database;
}
