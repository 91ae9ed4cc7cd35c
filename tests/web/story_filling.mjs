// Filling a form on a phone: an answer that is wrong is shown where one looks; a draft, and papers asked for, open at their place.
import assert from 'node:assert/strict';
import { goTo, person } from './browser.mjs';
import { inspect, screens } from './inspect.mjs';
import { openForm } from './story_people.mjs';

/** Where the first problem stands: between the bar and the buttons, above what answers it, and with the focus. */
export const problemSeen = (page) => page.evaluate(() => {
  const problem = [...document.querySelectorAll('.answer-problem')].find((each) => each.offsetParent !== null);
  if (!problem) return null;
  const box = problem.getBoundingClientRect();
  const control = problem.parentElement.querySelector('.choice, .input').getBoundingClientRect();
  return {
    onScreen: box.top >= document.querySelector('.bar').getBoundingClientRect().bottom &&
      box.bottom <= document.querySelector('.fill-bar').getBoundingClientRect().top,
    above: box.bottom <= control.top + 1, focused: document.activeElement === problem,
  };
});
const place = (page) => page.locator('[data-test=place]').textContent();

/** A required question that was left out, with a list of choices longer than the screen: both presses of "next" stay. */
export async function refusedOnScreen(state) {
  const page = await person(state.browser, state.origin);
  await openForm(page, state.origin, 'ban_sao_ho_tich');
  const before = await place(page);
  for (const press of [1, 2]) {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.locator('[data-test=next]').click();
    await page.locator('.answer-problem:visible').first().waitFor();
    assert.deepEqual(await problemSeen(page), { onScreen: true, above: true, focused: true }, `press ${press}`);
    assert.equal(await place(page), before, `press ${press} went on`);
  }
  await inspect(page, 'fill-refused', { only: '360' });
  await page.locator('.choice input').first().check();
  await page.locator('[data-test=next]').click();
  await page.getByText(before).waitFor({ state: 'detached' });
  await page.context().close();
}

const boxHasIt = (page) => page.locator('[data-kept=saved]').waitFor();

/** A draft opens at the question where it was left, on the home page's whole card; the buttons never move. */
export async function reopened(state) {
  const page = await person(state.browser, state.origin);
  await openForm(page, state.origin, 'ban_sao_ho_tich');
  const next = page.locator('[data-test=next]');
  const where = JSON.stringify(await next.boundingBox());
  await page.locator('.choice input').first().check();
  for (const words of ['Nông Thị Dở', null]) {
    const before = await place(page);
    await next.click();
    await page.getByText(before).waitFor({ state: 'detached' });
    assert.equal(JSON.stringify(await next.boundingBox()), where, `the button moved after ${before}`);
    if (words) await page.locator('.question input').first().fill(words);
  }
  const left = await place(page);
  await boxHasIt(page);
  await goTo(page, state.origin, '#/');
  await page.locator('.draft').first().click({ position: { x: 12, y: 12 } });
  await page.getByText(left).waitFor();
  // A shallow screen, as large letters make it: nothing that stays put takes the question's room.
  await page.setViewportSize({ width: 180, height: 370 });
  await page.locator('.question-label').scrollIntoViewIfNeeded();
  const pinned = await page.evaluate(() => [...document.querySelectorAll('.bar, .fill-bar')].map((each) => getComputedStyle(each).position));
  assert.deepEqual(pinned.filter((position) => position === 'fixed' || position === 'sticky'), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false, 'it scrolls sideways at 200 %');
  await page.screenshot({ path: `${screens}/fill-at-200-percent.png` });
  await page.context().close();
}

/** Papers that the commune asks for: its note on top, and the first photo's question at once. */
export async function papersAsked(state) {
  const { head: page, origin, dossier } = state;
  await goTo(page, origin, `#/dossier/${dossier}`);
  await page.getByRole('link', { name: 'Bổ sung giấy tờ' }).click();
  await page.locator('[data-test=asked]', { hasText: 'Thiếu ảnh mặt sau' }).waitFor();
  await page.locator('[data-reference="/data/anh"]').waitFor();
  await inspect(page, 'papers-asked', { only: '360' });
}

/** Before it is sent: each answer can be changed, and leads back; photos are shown. */
export async function lookedOver(page) {
  assert.equal(await page.locator('canvas.thumb').count(), 2, 'both photos are shown');
  await page.getByRole('button', { name: /^Sửa: Số điện thoại/ }).click();
  await page.locator('[data-reference="/data/sdt"]').waitFor();
  await page.locator('[data-test=next]', { hasText: 'Xem lại' }).click();
  await page.locator('[data-test=send]').waitFor();
}

/** What has the focus after a press, for whoever uses keys or a screen reader: never nothing. */
export const focusKept = async (page, what) =>
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY', `the focus is lost after: ${what}`);
