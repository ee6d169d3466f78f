import { type ImportModule, importCompanion } from '../companion.ts';
import type { AcceleratorDriver } from './accelerator.ts';

/** The drivers for boards that are installed on this machine. */
export async function acceleratorDrivers(importModule?: ImportModule): Promise<readonly AcceleratorDriver[]> {
  type Entry = { acceleratorDrivers: readonly AcceleratorDriver[] };
  const entry = await importCompanion<Entry>('@spikewire/devices', 'accelerators', importModule);
  return entry?.acceleratorDrivers ?? [];
}
