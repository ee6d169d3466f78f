import { type Content, make } from '../markup.ts';
import { card } from '../parts/facts.ts';
import { form, submit } from '../parts/fields.ts';

/** As long as the tab is open. */
const KEY = 'spikewire-fleet-token';

export const keptToken = (): string | null => sessionStorage.getItem(KEY);

export function keepToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}

/** Asks for the token of a person. */
export function signInForm(problem: string | undefined, signIn: (token: string) => void): Content {
  const attributes = { id: 'token', name: 'token', type: 'password', autocomplete: 'current-password', required: true };
  return card(
    'Sign in',
    '',
    make('p', {}, 'Your token came from a person who administers this controller. It is kept until you close the tab.'),
    form(
      'sign-in',
      (written) => signIn(written('token').trim()),
      make('div', { class: 'field' }, make('label', { for: 'token' }, 'Token'), make('input', attributes)),
      submit('Sign in'),
    ),
    problem !== undefined && make('p', { class: 'problem', role: 'alert' }, problem),
  );
}
