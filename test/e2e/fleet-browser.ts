import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/* What a person does on the page of a controller. */

export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#connection[data-state="live"]').waitFor();
}

/** Expects that a token is refused and not kept. */
export async function failToSignIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toBe('The controller does not know this token.');
  expect(await page.evaluate('sessionStorage.length')).toBe(0);
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').waitFor();
}

/** Goes to a view and waits until it is there. */
export async function visit(page: Page, place: string, heading: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    if (location.hash === '#/${place}') return resolve();
    addEventListener('hashchange', resolve, { once: true });
    location.hash = '#/${place}';
  })`);
  await page.locator('main[aria-busy="false"]').waitFor();
  await page.locator('h2', { hasText: heading }).first().waitFor();
}

export const rows = (page: Page, table: string) =>
  page.getByRole('table', { name: table, exact: true }).locator('tbody tr');

export const confirmButton = (page: Page) => page.locator('#dialog-confirm');

/** Presses a button that asks first, expects what the question says, and confirms. */
export async function decide(page: Page, word: string, happens: string): Promise<void> {
  await page.getByRole('button', { name: `${word} …` }).click();
  expect(await page.locator('#dialog-question').textContent()).toContain(happens);
  await confirmButton(page).click();
}
