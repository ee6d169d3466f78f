import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes `<name>.pem` and `<name>.key` in a folder with openssl, signed by themselves and for `localhost`. */
export async function newCertificate(folder: string, name: string): Promise<{ cert: string; key: string }> {
  const made = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`];
  const said = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...made, ...said], { cwd: folder, stdio: 'pipe' });
  const [cert, key] = ['pem', 'key'].map((end) => readFile(join(folder, `${name}.${end}`), 'utf8'));
  return { cert: await cert!, key: await key! };
}
