export { Audit } from './audit.ts';
export { COMMANDS, type OrderRules, type StreamCommand } from './orders.ts';
export { formatOutcome } from './result-message.ts';
export { readSecretFile, SharedSecret } from './shared-secret.ts';
