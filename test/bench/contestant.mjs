// `node test/bench/contestant.mjs infer|snn|train FOLDER`: this house as one more contestant of another comparison,
// whose harness starts it, writes its inputs into FOLDER and speaks lines of JSON: first
// `{"ready":[names],"versions":{}}`, then to `block NAME` `{"value":time}` (train: samples per second) and to
// `check NAME` what the contestant computed.
import { createInterface } from 'node:readline';

const works = { infer: './contestant/infer.mjs', snn: './contestant/snn.mjs', train: './contestant/train.mjs' };

/** Exit 0 done, 1 failed, 2 wrong usage. */
async function main([work, folder, ...rest]) {
  if (!Object.hasOwn(works, work ?? '') || folder === undefined || rest.length > 0) {
    process.stderr.write(`contestant: expected ${Object.keys(works).join(' or ')}, and the folder with its inputs\n`);
    return 2;
  }
  const { contestantsIn } = await import(works[work]);
  const contestants = await contestantsIn(folder);
  answer({ ready: [...contestants.keys()], versions: { node: process.version } });
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, name] = line.split(' ');
    const contestant = contestants.get(name);
    if (contestant === undefined) throw new Error(`there is no contestant "${name}"`);
    if (verb === 'block') answer(measurement(await contestant.block()));
    else answer(contestant.check());
  }
  return 0;
}

/** A number alone, or with others beside it. */
function measurement(block) {
  return typeof block === 'number' ? { value: block } : block;
}

function answer(document) {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`contestant: ${error.message}\n`);
  process.exitCode = 1;
}
