// Lists longer than a page. Started by tests/e2e/pages_long.py: node long.mjs ORIGIN.
import assert from 'node:assert/strict';
import { alone } from './alone.mjs';
import { goTo } from './browser.mjs';
import { inspect } from './inspect.mjs';
import { login } from './story_dossier.mjs';
import { world } from './world.mjs';

const ROWS = 50; // shown at first, and more for each time that somebody asks

/** Asks for more until all `total` rows are there; each is shown once. */
async function toTheEnd(page, rows, total) {
  const more = page.getByRole('button', { name: 'Xem thêm', exact: true });
  for (let shown = ROWS; shown < total; shown += ROWS) {
    await rows.nth(shown - 1).waitFor();
    assert.equal(await rows.count(), shown);
    await more.click();
    await rows.nth(Math.min(shown + ROWS, total) - 1).waitFor();
  }
  await more.waitFor({ state: 'detached' });
  assert.equal(await rows.count(), total);
  const texts = await rows.allInnerTexts();
  assert.equal(new Set(texts).size, total, 'no row is shown twice');
}

await alone(async (page, origin) => {
  const who = await world.who();
  await login(page, origin, who, { phrase: who.phrase });
  await goTo(page, origin, '#/dossiers');
  const dossiers = page.locator('.page ul.list > li');
  await dossiers.nth(ROWS - 1).waitFor();
  const total = Number((await page.locator('p[role=status]').first().innerText()).replace(/\D/g, ''));
  assert.ok(total > ROWS, `${total} general dossiers are more than a page shows`);
  await inspect(page, 'long-dossiers');
  await toTheEnd(page, dossiers, total);
  await goTo(page, origin, '#/announcements');
  const announcements = page.locator('.page article.card');
  await announcements.nth(ROWS - 1).waitFor();
  await inspect(page, 'long-announcements');
  await toTheEnd(page, announcements, who.announcements);
});
