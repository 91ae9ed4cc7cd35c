// What every part of the desk's story uses: its own look at pages, who comes in, and the parts about the shell itself.
import assert from 'node:assert/strict';
import { faults, goTo, LAPTOP, person } from './browser.mjs';
import { inspect } from './inspect.mjs';

export const button = (where, name) => where.getByRole('button', { name, exact: true });
export const look = (page, name, options = {}) => inspect(page, name, { site: 'desk', ...options });

/** As the box compares: without diacritics, in small letters. */
export const plain = (text) => text.normalize('NFD').replace(/\p{Mn}/gu, '').replace(/đ/gi, 'd').toLowerCase();

/** Somebody's own browser at the desk. */
export const colleague = (state) => person(state.browser, state.origin, LAPTOP);

/** Four words that the box drew, once they are there; the box that says that they were copied is ticked. */
export async function offered(page) {
  await page.waitForFunction(() => document.querySelector('[data-test=phrase]')?.textContent.trim().split(' ').length === 4);
  await page.getByLabel('Tôi đã chép câu này ra giấy và cất kỹ').check();
  return (await page.locator('[data-test=phrase]').textContent()).trim();
}

const isIn = (page) => page.getByRole('button', { name: /Đăng xuất/ }).waitFor();

/** Logs in with a phrase; whoever still has somebody else's chooses one of their own first, which `who` keeps. */
export async function logIn(page, origin, who) {
  await goTo(page, origin, '#/');
  await page.getByRole('button', { name: new RegExp(who.name) }).click();
  await page.getByLabel(/Câu mở khóa của/).fill(who.phrase);
  await button(page, 'Đăng nhập').click();
  await isIn(page);
  const own = page.getByRole('heading', { name: 'Đặt câu mở khóa của riêng mình' });
  const today = page.getByRole('heading', { name: 'Việc hôm nay' });
  await own.or(today).first().waitFor();
  if (!(await own.isVisible())) return false;
  who.phrase = await offered(page);
  await button(page, 'Lưu').click();
  await today.waitFor();
  return true;
}

/** The inbox, and one dossier beside it. */
export async function openDossier(page, origin, id) {
  await goTo(page, origin, `#/dossiers/${id}`);
  await page.locator('[data-test=dossier] h2').waitFor();
}

export const stateShown = (page, state) => page.locator(`.marks-row [data-state=${state}]`).waitFor();

export async function keysListed(state) {
  const { clerk: page, origin } = state;
  await goTo(page, origin, '#/dossiers');
  await page.locator('.inbox-row').first().waitFor();
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Phím tắt' });
  await list.waitFor();
  await look(page, 'desk-keys');
  await list.getByLabel('Dùng phím một chữ').uncheck();
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  assert.notEqual(await page.evaluate(() => document.activeElement?.dataset.test), 'search', 'a letter does nothing when letters are off');
  await button(page, 'Phím tắt').click();
  await list.getByLabel('Dùng phím một chữ').check();
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement?.dataset.test), 'search');
}

export async function inEnglish(state) {
  const { clerk: page, origin } = state;
  await goTo(page, origin, '#/');
  await button(page, 'English').click();
  await page.getByRole('heading', { name: 'Today', exact: true }).waitFor();
  await look(page, 'desk-in-english', { language: 'en', only: '1366' });
  await goTo(page, origin, `#/dossiers/${state.dossier.id}`);
  await page.locator('[data-test=dossier] h2').waitFor();
  await look(page, 'desk-dossier-in-english', { language: 'en', only: '1366' });
  await button(page, 'Tiếng Việt').click();
  await page.locator('html[lang=vi]').waitFor();
}

const OCTETS_MAX = 150_000;

/** What a browser that was never here fetches until somebody can log in. */
export async function budget(state) {
  const { origin } = state;
  const page = await colleague(state);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  let octets = 0;
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => (octets += encodedDataLength));
  await page.goto(`${origin}/`);
  await page.getByRole('heading', { name: 'Đăng nhập' }).waitFor();
  console.log(`the desk's first page: ${(octets / 1000).toFixed(1)} kB of at most ${OCTETS_MAX / 1000}`);
  if (octets === 0 || octets > OCTETS_MAX) faults.push(`the desk's first page costs ${octets} octets, ${OCTETS_MAX} are allowed`);
  await page.context().close();
}
