import { type Model, modelDigest } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { type Carrying, inputDigest, type Offer } from 'spikewire/agent';
import { inspect } from 'spikewire/inspect';

/** What the publisher says of a model; the rest is read from it. */
export interface Publication {
  readonly model: string;
  readonly channel: string;
  readonly groups: readonly string[];
  readonly carrying: readonly Carrying[];
  readonly bases: readonly string[];
}

/** What devices must know of a model before they fetch it, where its net runs on the fastest engine for it. */
export async function describe(
  model: Model,
  fileBytes: number,
  version: string,
  publication: Publication,
): Promise<Omit<Offer, 'target'>> {
  const engine = await engineNamed('auto');
  const digest = modelDigest(model);
  const { memoryBytes, bits, selfTests } = await inspect(model, { fileBytes, digest, engine });
  return {
    ...publication,
    engine: version,
    form: bits === 32 ? 'float32' : `int${bits}`,
    input: inputDigest(model),
    memory: memoryBytes,
    selfTests,
  };
}
