import { createHash } from 'node:crypto';
import type { JsonValue, Model } from '@spikewire/models';

/** SHA-256 of what a reading must look like: channels, features and encoders. Models with the same take the same. */
export function inputDigest({ channels, features, encoder }: Model): string {
  const parts = [channels, [...(features ?? [])], [...encoder]] as unknown as JsonValue;
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
