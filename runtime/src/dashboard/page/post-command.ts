import type { CommandReply, CommandRequest } from '../wire.ts';

/** Asks the server for something; what it refused, and that it does not answer, come as an error. */
export async function postCommand(request: CommandRequest): Promise<CommandReply> {
  try {
    const response = await fetch('command', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return (await response.json()) as CommandReply;
  } catch {
    return { error: 'The server does not answer; nothing was changed as far as this page knows.' };
  }
}
