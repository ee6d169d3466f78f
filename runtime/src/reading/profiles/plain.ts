import type { Profile } from './profile.ts';

/** A flat object with the names of the channels. */
export const plain: Profile = {
  name: 'plain',
  summary: '{"temperature": 21.5, …}, as scripts write it',
  source: 'docs/messages.md',
  channel: () => [],
  time: ['t'],
};
