// `node test/bench/contestant.mjs infer|snn FOLDER`: this house as one more contestant of another comparison, whose
// harness starts it, writes its inputs into FOLDER and speaks lines of JSON: first `{"ready":[names],"versions":{}}`,
// then to `block NAME` `{"value":time}` and to `check NAME` what the contestant computed.
import { createInterface } from 'node:readline';

const works = { infer: './contestant/infer.mjs', snn: './contestant/snn.mjs' };

/** Exit 0 done, 1 failed, 2 wrong usage. */
async function main([work, folder, ...rest]) {
  if (!Object.hasOwn(works, work ?? '') || folder === undefined || rest.length > 0) {
    process.stderr.write(`contestant: expected ${Object.keys(works).join(' or ')}, and the folder with its inputs\n`);
    return 2;
  }
  const { contestantsIn } = await import(works[work]);
  const contestants = contestantsIn(folder);
  answer({ ready: [...contestants.keys()], versions: { node: process.version } });
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, name] = line.split(' ');
    const contestant = contestants.get(name);
    if (contestant === undefined) throw new Error(`there is no contestant "${name}"`);
    answer(verb === 'block' ? { value: contestant.block() } : contestant.check());
  }
  return 0;
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
