import { readdirSync, readFileSync } from 'node:fs';
import { formats as foreign } from '@spikewire/exchange/formats';
import {
  formatOf,
  modelDigest,
  formats as own,
  readModel,
  readSafetensors,
  readWith,
  SpikewireError,
  writeModel,
  writeWith,
} from '@spikewire/models';
import { files, texts } from '../corpus.mjs';
import { mutate, mutateBytes, pick } from '../mutations.mjs';

const formats = [...own, ...foreign].filter(({ read }) => read !== undefined);

/** Bytes of every format, damaged, or forged with a right digest. What is accepted must come back from its own file. */
export const modelFiles = {
  name: 'model files',
  create() {
    const seeds = files();
    const models = seeds.map((bytes) => readModel(bytes));
    const readable = texts.map((text) => Buffer.from(JSON.stringify(text)));
    // Of each format what it wrote itself, where it can say any of the models.
    const written = [...formats.flatMap((format) => models.flatMap((model) => bytesOf(format, model))), ...onnxFiles()];
    return (random) => {
      const bytes = nextInput(random, seeds, readable, written);
      try {
        readSafetensors(bytes);
      } catch (error) {
        if (!(error instanceof SpikewireError)) throw error;
      }
      // Half of the time whatever they claim to be, so that every reader meets the bytes of the others.
      const format = (random.nextInteger(2) === 0 ? formatOf(bytes, formats) : undefined) ?? pick(random, formats);
      const { model } = readWith(format, bytes);
      const whole = writeModel(model);
      if (modelDigest(readModel(whole)) !== modelDigest(whole)) throw new Error('does not come back from its file');
      return true;
    };
  },
};

/** Nets as other frameworks write them. */
function onnxFiles() {
  const folder = new URL('../../golden/data/onnx/', import.meta.url);
  return readdirSync(folder).map((name) => readFileSync(new URL(name, folder)));
}

function bytesOf(format, model) {
  try {
    return [writeWith(format, model)];
  } catch (error) {
    if (error instanceof SpikewireError && error.code === 'unsupported') return [];
    throw error;
  }
}

function nextInput(random, seeds, readable, written) {
  const choice = random.nextInteger(20);
  if (choice === 0) return Uint8Array.from({ length: random.nextInteger(300) }, () => random.nextInteger(256));
  if (choice < 4) return mutate(pick(random, readable), random);
  if (choice < 7) return mutateBytes(pick(random, written), random);
  return mutate(pick(random, seeds), random);
}
