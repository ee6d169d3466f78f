import type { WatchedService } from '../service/notifier.ts';
import type { Closer } from '../session/cleanup.ts';

/** Where systemd started this process and waits for that, says that it is ready and goes on. */
export async function notifySystemd(service: WatchedService, warn: (line: string) => void): Promise<Closer> {
  if (!process.env.NOTIFY_SOCKET) return async () => {};
  const { Notifier } = await import('../service/notifier.ts');
  const notifier = Notifier.of(process.env, warn);
  await notifier?.begin(service);
  return async () => notifier?.close();
}
