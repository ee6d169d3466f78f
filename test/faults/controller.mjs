// A controller whose work is to count: each piece of work goes from step 1 to the last, one step a tick. It says
// "works" when it has begun, and ends when all are done. Usage: controller.mjs ADDRESS HOLDER PIECES STEPS LEASE_MS
import { Leases, note, openDatabase, Worker } from '@spikewire/fleet/controller';

const [address, holder, pieces, steps, milliseconds] = process.argv.slice(2);
const database = await openDatabase(address);
const names = Array.from({ length: Number(pieces) }, (_, k) => `piece-${k}`);
const ended = new AbortController();

const stepsOf = (queries, name) =>
  queries
    .selectFrom('history')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('subject', '=', name)
    .executeTakeFirstOrThrow()
    .then(({ count }) => Number(count));

async function pending() {
  const done = await Promise.all(names.map((name) => stepsOf(database.queries, name)));
  const left = names.filter((_, k) => done[k] < Number(steps));
  if (left.length === 0) ended.abort();
  return left;
}

async function step(name, changes) {
  const done = await stepsOf(changes, name);
  if (done === Number(steps)) return;
  await note(changes, database.now, { actor: holder, action: 'step', subject: name, details: { step: done + 1 } });
}

const leases = new Leases({ database, holder, milliseconds: Number(milliseconds) });
const worker = new Worker({ leases, pending, step, milliseconds: 10, warn: (line) => console.error(line) });
process.once('SIGTERM', () => ended.abort());
console.log('works');
await worker.run(ended.signal);
await database.close();
