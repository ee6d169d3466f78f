import { readdirSync, readFileSync } from 'node:fs';
import { type Model, readModel } from '@spikewire/models';

const ZOO = new URL('../../models/zoo/', import.meta.url);

/** Every model of the zoo. */
export function zooModels(): Model[] {
  const names = readdirSync(ZOO).filter((name) => name.endsWith('.spike'));
  return names.map((name) => readModel(readFileSync(new URL(name, ZOO))));
}
