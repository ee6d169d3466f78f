import { modelDigest, readAnyModel, readModel, readSafetensors, SpikewireError, writeModel } from '@spikewire/models';
import { files, texts } from '../corpus.mjs';
import { mutate, pick } from '../mutations.mjs';

/** Bytes of model files, damaged or forged with a right digest. What is accepted must come back from its own file. */
export const modelFiles = {
  name: 'model files',
  create() {
    const seeds = files();
    const readable = texts.map((text) => Buffer.from(JSON.stringify(text)));
    return (random) => {
      const bytes = nextInput(random, seeds, readable);
      try {
        readSafetensors(bytes);
      } catch (error) {
        if (!(error instanceof SpikewireError)) throw error;
      }
      const model = readAnyModel(bytes);
      const written = writeModel(model);
      if (modelDigest(readModel(written)) !== modelDigest(written)) throw new Error('does not come back from its file');
      return true;
    };
  },
};

function nextInput(random, seeds, readable) {
  const choice = random.nextInteger(20);
  if (choice === 0) return Uint8Array.from({ length: random.nextInteger(300) }, () => random.nextInteger(256));
  if (choice < 4) return mutate(pick(random, readable), random);
  return mutate(pick(random, seeds), random);
}
