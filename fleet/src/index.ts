export { ControllerClient } from './commands/controller/client.ts';
export { DEFAULT_PLAN } from './controller/rollouts/plan.ts';
export type { RolloutDetails } from './controller/wire/wire.ts';
export { describe, type Publication } from './described-model.ts';
export { DEFAULT_VALIDITY, targetEntry, type Validity } from './documents.ts';
export {
  addSignatures,
  type Change,
  create,
  type Expiry,
  type KeyCounts,
  type Outcome,
  publish,
  type Renewal,
  renew,
  rotate,
  withdraw,
} from './repository.ts';
export { createKey, readKeys, type SigningKey } from './signing-key.ts';
export { Site } from './site.ts';
export { firstRoot, type Verified, verifyRepository } from './verify.ts';
