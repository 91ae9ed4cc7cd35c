// Filling a form on a phone: an answer that is wrong is shown where one looks; a draft, and papers asked for, open at their place.
import assert from 'node:assert/strict';
import { person } from './browser.mjs';
import { inspect } from './inspect.mjs';
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
    await page.getByText('Mục này phải điền.').waitFor();
    assert.deepEqual(await problemSeen(page), { onScreen: true, above: true, focused: true }, `press ${press}`);
    assert.equal(await place(page), before, `press ${press} went on`);
  }
  await inspect(page, 'fill-refused', { only: '360' });
  await page.locator('.choice input').first().check();
  await page.locator('[data-test=next]').click();
  await page.getByText(before).waitFor({ state: 'detached' });
  await page.context().close();
}
