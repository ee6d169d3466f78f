export interface ForgedKey {
  readonly id: string;
  readonly listed: object;
  sign(message: Uint8Array): string;
}
export type RoleName = 'root' | 'targets' | 'snapshot' | 'timestamp';
export type ForgedKeys = Readonly<Record<RoleName, readonly ForgedKey[]>>;
export type Files = Readonly<Record<string, Buffer>>;
type Each<Value> = Readonly<Partial<Record<RoleName, Value>>>;

export function newKey(): ForgedKey;
export function sha256(bytes: Uint8Array): string;
export function signedFile(signed: object, keys: readonly ForgedKey[]): Buffer;
export function part(role: RoleName, version: number, days: number, more: object): object;
export function reference(file: Uint8Array, version: number): object;
export function rootPart(
  version: number,
  keys: ForgedKeys,
  options?: { readonly thresholds?: Each<number>; readonly days?: number },
): object;
export function release(
  keys: ForgedKeys,
  versions: { readonly targets: number; readonly snapshot: number; readonly timestamp: number },
  models: Files,
  options?: { readonly days?: Each<number>; readonly custom?: object; readonly meta?: object },
): Files;
