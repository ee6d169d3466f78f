import type { Api } from './api.ts';
import { readMessages } from './event-stream.ts';

/** The controller says something, if only a comment, each 15 s. */
const SILENCE_MILLISECONDS = 40_000;

export interface EventsListener {
  opened?(): void;
  /** The data of a message. */
  said(message: string): void;
}

/** Reads server-sent events until they end, or nothing comes for too long. @throws ApiError where they are refused */
export async function readEvents(api: Api, path: string, listener: EventsListener, signal: AbortSignal): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MILLISECONDS);
  try {
    const stream = await api.stream(path, AbortSignal.any([signal, silence.signal]));
    listener.opened?.();
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MILLISECONDS);
      const { messages, rest } = readMessages(text + decoder.decode(part.value, { stream: true }));
      text = rest;
      for (const message of messages) listener.said(message);
    }
  } finally {
    clearTimeout(timer);
  }
}
