import { parse } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { DeskSource, DeskSourceOptions } from '../dashboard/index.ts';
import type { Desk } from '../desk/desk.ts';
import type { Stream } from '../mqtt/stream.ts';
import { readOwnersLine } from '../owners-file.ts';
import type { PageConfiguration } from './configuration.ts';

/** The live page of a host. */
export interface HostPage {
  readonly source: DeskSource;
  /** With the token, unless a file has it. */
  readonly url: string;
  close(): Promise<void>;
}

/** What a page shows. */
export interface Shown {
  readonly desk: Desk;
  readonly stream: Stream | undefined;
  /** Name of the model that answers, or of its file. */
  readonly model: () => string;
  /** Where readings come from. */
  readonly input: string | undefined;
  readonly comparison: DeskSourceOptions['comparison'] & {};
  /** The name of the only net; undefined: there are many. */
  readonly net: string | undefined;
}

/** Opens the page of a host, entitled by the name of the model's file, also after another one has taken its place. */
export async function openPage(configuration: PageConfiguration, shown: Shown): Promise<HostPage> {
  const { desk, stream, input, net, comparison } = shown;
  // Loaded here, because most machines show no page.
  const { DeskSource, startDashboard } = await import('../dashboard/index.ts');
  const { host = '127.0.0.1', port, viewerTokenFile: viewers, tokenFile } = configuration;
  const token = tokenFile === undefined ? configuration.token : await tokenIn(tokenFile);
  const title = () => parse(shown.model()).name;
  const source = new DeskSource(desk, {
    title,
    comparison,
    ...(input === undefined ? {} : { input }),
    ...(stream === undefined ? {} : { messages: () => stream.counters }),
    ...(net === undefined ? {} : { names: () => new Map([[net, title()]]) }),
  });
  if (net !== undefined) await source.meet(net);
  const dashboard = await startDashboard(source, {
    host,
    port,
    ...(token === undefined ? {} : { token }),
    ...(viewers === undefined ? {} : { viewerToken: await readOwnersLine(viewers, 'token file') }),
  });
  const url = tokenFile === undefined ? dashboard.url : String(new URL('/', dashboard.url));
  return { source, url, close: () => dashboard.close() };
}

async function tokenIn(path: string): Promise<string> {
  const line = await readOwnersLine(path, 'token file');
  if (line === '') throw new SpikewireError('usage', `token file ${path}`, 'is empty', 'a token in its first line');
  return line;
}
