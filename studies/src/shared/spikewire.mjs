// Commands of spikewire, as studies give them.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../../runtime/bin/spikewire.js', import.meta.url));

/** Date, release of Node and processor of a measurement. */
export function measuredHere() {
  return (
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ` +
    `${cpus().length} × ${cpus()[0].model.trim()}`
  );
}

/** The output of a command; its progress goes to the standard error of this process. */
export function outputOf(words) {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 2 ** 26 };
    const child = execFile(process.execPath, [COMMAND, ...words], options, (problem, stdout) => {
      if (problem !== null) reject(problem);
      else resolve(stdout);
    });
    child.stderr.pipe(process.stderr);
  });
}

/** The document of a command with `--json`. */
export async function documentOf(words) {
  return JSON.parse(await outputOf([...words, '--json']));
}

/** Trains the model `path`.spike; an interrupted training continues from its last checkpoint. */
export async function train(path, words) {
  const [out, run] = [`${path}.spike`, `${path}.run`];
  const continues = existsSync(join(run, 'config.json'));
  const anew = [...words, '--no-teachable', '--overwrite', '--out', out, '--run', run];
  const document = await documentOf(['train', ...(continues ? ['--resume', run] : anew)]);
  if (document.stopped) process.exit(130);
  return { ...document, continues, out, run };
}

/** Quantises a model into `path`.spike. A few samples try it in `quantize`, all test samples in `eval`. */
export async function quantise(path, model, data, words = []) {
  const out = `${path}.spike`;
  await documentOf(['quantize', model, ...words, '--data', data, '--limit', '100', '--overwrite', '--out', out]);
  return { ...(await documentOf(['eval', out, '--data', data])), out };
}
