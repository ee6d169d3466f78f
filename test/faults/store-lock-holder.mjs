// Opens the store in the folder given, prints "held" or why not, and holds it until its standard input ends.
import { once } from 'node:events';
import { Store } from 'spikewire/store';

try {
  const store = await Store.open(process.argv[2], { baseDigest: '6'.repeat(64) });
  console.log('held');
  process.stdin.resume();
  await once(process.stdin, 'end');
  await store.close();
} catch (failure) {
  console.log(failure.message);
}
