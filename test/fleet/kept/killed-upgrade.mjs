// `node test/fleet/kept/killed-upgrade.mjs <address> <migration>`: upgrades a database, and is killed after this
// migration, before anything of the upgrade is durable.
import { argv, kill, pid } from 'node:process';
import { withTypeScript } from '../../typescript.mjs';

const [address, name] = argv.slice(2);
const DATABASE = '../../../fleet/src/controller/database/';
const modules = ['migrations.ts', 'database.ts'].map((path) => new URL(DATABASE + path, import.meta.url));
await withTypeScript(modules, async ({ MIGRATIONS }, { openDatabase }) => {
  const { up } = MIGRATIONS[name];
  MIGRATIONS[name] = {
    up: async (database) => {
      await up(database);
      kill(pid, 'SIGKILL');
    },
  };
  await openDatabase(address);
});
