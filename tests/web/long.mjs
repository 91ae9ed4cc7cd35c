// Lists longer than a page. Started by tests/e2e/pages_long.py: node long.mjs ORIGIN.
import assert from 'node:assert/strict';
import { faults, goTo, launch, person } from './browser.mjs';
import { inspect } from './inspect.mjs';
import { login } from './story_dossier.mjs';
import { over, world } from './world.mjs';

const origin = process.argv[2];
const ROWS = 50; // shown at first, and more for each time that somebody asks
const browser = await launch();
const page = await person(browser, origin);
const more = page.getByRole('button', { name: 'Xem thêm', exact: true });
let failed = false;

/** Asks for more until all `total` rows are there; each is shown once. */
async function toTheEnd(rows, total) {
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

try {
  const who = await world.who();
  await login(page, origin, who, { phrase: who.phrase });
  await goTo(page, origin, '#/dossiers');
  const dossiers = page.locator('.page ul.list > li');
  await dossiers.nth(ROWS - 1).waitFor();
  const total = Number((await page.locator('p[role=status]').first().innerText()).replace(/\D/g, ''));
  assert.ok(total > ROWS, `${total} general dossiers are more than a page shows`);
  await inspect(page, 'long-dossiers');
  await toTheEnd(dossiers, total);
  await goTo(page, origin, '#/announcements');
  const announcements = page.locator('.page article.card');
  await announcements.nth(ROWS - 1).waitFor();
  await inspect(page, 'long-announcements');
  await toTheEnd(announcements, who.announcements);
} catch (error) {
  failed = true;
  console.log(`FAIL ${error.stack ?? error}`);
  console.log(await page.locator('body').innerText().catch(() => ''));
}
for (const fault of faults) console.log(`     ${fault}`);
await browser.close();
over();
process.exitCode = failed || faults.length ? 1 : 0;
