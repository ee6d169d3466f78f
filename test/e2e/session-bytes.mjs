// How many bytes a net that takes readings really holds on the engine `clocked`, before a first lesson and after it:
// every ArrayBuffer that was made while it was opened and ran, and that the garbage collector cannot take. Argument: a
// model file. Prints both numbers; the second is absent where labels teach nothing. Needs --expose-gc.
import { readFileSync } from 'node:fs';
import { heldBytes } from './watched-buffers.mjs';

const { readModel, resolveGraph } = await import('@spikewire/models');
const { engineNamed } = await import('spikewire');
const { inProcess } = await import('spikewire/executor');
const { Session } = await import('spikewire/session');

const bytes = readFileSync(process.argv[2]);
const model = readModel(bytes);
const graph = resolveGraph(model.graph, model.semantics);

/** A session that has answered, so that what is made late is there too. */
async function running() {
  const executor = await inProcess(engineNamed('clocked')).open(bytes);
  const session = new Session(model, executor, { graph });
  await feed(session);
  return session;
}

/** Readings until a window has run after the warm-up. */
async function feed(session) {
  const rest = () => session.warmUp.of - session.warmUp.done;
  for (let time = 0, answered = false; !answered || rest() > 0; time += 1000) {
    const values = Float64Array.from({ length: session.channels }, (_, k) => ((time / 1000 + k) % 7) + 1);
    const outcome = await session.feed({ time, values });
    answered = outcome.window !== undefined;
  }
}

const lesson = { kind: 'label', label: 'first', time: undefined };

// The first one also fills what modules keep for all.
const first = await running();
if (first.taught !== undefined) await first.teach(lesson);
await first.close();

const before = await heldBytes();
const session = await running();
const opened = (await heldBytes()) - before;
let taught;
if (session.taught !== undefined) {
  await session.teach(lesson);
  taught = (await heldBytes()) - before;
}
console.log(JSON.stringify({ opened, taught }));
await session.close();
