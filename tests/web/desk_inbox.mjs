// The inbox: what waits today, finding without diacritics, filters, acts on many at once, and who sees what.
import assert from 'node:assert/strict';
import { expectRefusal, goTo, quiet } from './browser.mjs';
import { button, colleague, logIn, look, plain } from './desk_shell.mjs';
import { world } from './world.mjs';

const rows = (page) => page.locator('.inbox-row');
const row = (page, id) => page.locator(`.inbox-row[data-id="${id}"]`);

/** Each number is the way to as many dossiers. */
export async function todaysCounts(state) {
  const { clerk: page, origin } = state;
  await goTo(page, origin, '#/');
  await page.locator('.tile').first().waitFor();
  await look(page, 'desk-today');
  const fresh = Number(await page.locator('.tile[data-only=new] .tile-number').innerText());
  assert.ok(fresh > 0, 'there are new dossiers');
  await page.locator('.tile[data-only=new]').click();
  await page.locator('.inbox-count [role=status]', { hasText: `trong ${fresh} hồ sơ` }).waitFor();
  await look(page, 'desk-inbox-new');
}

/** Finds one dossier by what it is called, typed without diacritics, and opens it by keys. */
export async function found(state) {
  const { clerk: page, origin } = state;
  const all = await world.dossiers();
  const conflicted = await world.conflicted();
  const general = all.filter(({ id, domain }) => domain === 'general' && id !== conflicted.id);
  const alone = general.filter(({ label }) => plain(label) !== label.toLowerCase() && general.filter((other) => plain(other.label).includes(plain(label))).length === 1);
  assert.ok(alone.length > 0, 'a dossier with a name of its own, with diacritics');
  state.dossier = alone[0];
  state.others = general.filter(({ id }) => id !== state.dossier.id);
  state.healthDossier = all.find(({ domain }) => domain === 'health');
  state.conflicted = conflicted;
  await goTo(page, origin, '#/dossiers');
  await rows(page).first().waitFor();
  await look(page, 'desk-inbox');
  await page.keyboard.press('/');
  await page.keyboard.type(plain(state.dossier.label));
  await page.keyboard.press('Enter'); // down into the list
  const focused = () => page.evaluate(() => document.activeElement?.closest('.inbox-row')?.dataset.id);
  await page.waitForFunction(() => location.hash.includes('q=') && document.activeElement?.closest('.inbox-row'));
  await row(page, state.dossier.id).waitFor();
  for (let down = 0; down < 10 && (await focused()) !== state.dossier.id; down++) await page.keyboard.press('j');
  assert.equal(await focused(), state.dossier.id, 'it is among what was found');
  await page.keyboard.press('Enter');
  await page.locator('[data-test=dossier] h2', { hasText: state.dossier.label }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H2');
  await look(page, 'desk-dossier-new');
  assert.equal(await page.locator('.inbox-row-open.inbox-row-unseen').count(), 0, 'what was opened is seen');
  await page.keyboard.press('Escape');
  await page.locator('[data-test=dossier]').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  await page.keyboard.type('khong co ho so nao ten nay');
  await page.locator('.empty', { hasText: 'Không tìm thấy' }).waitFor();
  await look(page, 'desk-inbox-empty', { only: '1366' });
  await button(page, 'Bỏ lọc, xem tất cả').click();
  await rows(page).nth(1).waitFor();
  // J and K go through the rows.
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  const at = await page.evaluate(() => [...document.querySelectorAll('.inbox-name')].indexOf(document.activeElement));
  assert.equal(at, 0);
}

/** Filters narrow the list, stand in the address, and are kept under a name. */
export async function filtered(state) {
  const { clerk: page, origin, dossier } = state;
  await goTo(page, origin, '#/');
  await goTo(page, origin, '#/dossiers');
  await button(page, 'Lọc').click();
  await page.locator('[data-filter=hamlet]').selectOption({ label: dossier.hamlet });
  await page.locator('[data-filter=state]').selectOption('returned');
  const onlyReturned = () => page.waitForFunction((id) => {
    const all = [...document.querySelectorAll('.inbox-row')];
    return all.some((one) => one.dataset.id === id) && all.every((one) => one.querySelector('[data-state=returned]'));
  }, dossier.id);
  await onlyReturned();
  const found = await rows(page).count();
  await page.getByLabel('Tên cho bộ lọc đang dùng').fill('Đã xong của xóm');
  await button(page, 'Lưu bộ lọc').click();
  await page.locator('.saved .chip', { hasText: 'Đã xong của xóm' }).waitFor();
  await look(page, 'desk-filters');
  await page.reload();
  await onlyReturned();
  assert.equal(await rows(page).count(), found, 'the filter is there after a reload');
  await button(page, 'Bỏ lọc: Đã trả kết quả').click();
  await page.getByRole('button', { name: /^Bỏ lọc: / }).click();
  await rows(page).nth(found).waitFor();
  await button(page, 'Lọc').click();
  await page.getByLabel('Viết từ ngày').fill('31022026');
  await page.getByLabel('Đến ngày').focus();
  await page.getByText('Ngày này không có.').waitFor();
  await button(page, 'Đã xong của xóm').click();
  await onlyReturned();
  await button(page, 'Xóa bộ lọc Đã xong của xóm').click();
  await page.locator('.saved .chip').waitFor({ state: 'detached' });
}

/** Two are given to a colleague at once; a state for several, of which one cannot. */
export async function bulkActs(state) {
  const { clerk: page, origin, secondClerk } = state;
  await goTo(page, origin, '#/');
  await goTo(page, origin, '#/dossiers?only=new');
  await rows(page).nth(1).waitFor();
  const ids = (await rows(page).evaluateAll((all) => all.map((one) => one.dataset.id))).filter((id) => id !== state.conflicted.id);
  state.given = ids.slice(0, 2);
  state.handedOver = 2;
  assert.equal(state.given.length, 2, 'two new dossiers are left');
  for (const id of state.given) await row(page, id).getByRole('checkbox').check();
  await button(page, 'Giao người phụ trách').click();
  const ask = page.locator('dialog');
  await ask.getByRole('combobox').selectOption(secondClerk.name);
  await look(page, 'desk-bulk', { only: '1366' });
  await ask.getByRole('button', { name: 'Giao người phụ trách' }).click();
  await page.getByText('Đã làm xong 2 hồ sơ.').waitFor();
  for (const id of state.given) await row(page, id).getByText(secondClerk.name).waitFor();

  // One that was returned cannot be accepted: it stays, and is named.
  await goTo(page, origin, '#/');
  await goTo(page, origin, '#/dossiers');
  for (const id of [state.dossier.id, ...state.given]) await row(page, id).getByRole('checkbox').check();
  await button(page, 'Chuyển tình trạng').click();
  await ask.getByRole('combobox').selectOption('accepted');
  await ask.getByLabel('Lời nhắn cho người dân').fill('Xã đã nhận đủ.');
  await ask.getByRole('button', { name: 'Chuyển tình trạng' }).click();
  await page.getByText('Đã làm xong 2 hồ sơ. 1 hồ sơ chưa làm được:').waitFor();
  await page.locator('.notice li', { hasText: state.dossier.label }).waitFor();
  for (const id of state.given) await row(page, id).locator('[data-state=accepted]').waitFor();
  await look(page, 'desk-bulk-done');
}

/** Dossiers of health are unknown to a clerk, and all others to who reads health. */
export async function domainsApart(state) {
  const { clerk, origin, healthDossier, healthAccount } = state;
  expectRefusal('404 /api/desk/dossiers');
  const listed = (page, asked) => page.evaluate((query) => fetch(`/api/desk/dossiers?${query}`).then((answer) => answer.json()), asked);
  const isUnknown = async (page, id) => {
    await goTo(page, origin, '#/');
    await goTo(page, origin, `#/dossiers/${id}`);
    await page.locator('[data-test=missing]').waitFor();
    assert.equal(await page.locator('.filled').count(), 0, 'another domain was shown');
  };
  await isUnknown(clerk, healthDossier.id);
  await look(clerk, 'desk-missing');
  assert.equal((await listed(clerk, 'domain=health&limit=200')).rows.some(({ domain }) => domain === 'health'), false);
  assert.equal((await listed(clerk, `q=${encodeURIComponent(healthDossier.label)}&limit=200`)).rows.some(({ id }) => id === healthDossier.id), false);

  const nurse = await colleague(state);
  assert.equal(await logIn(nurse, origin, healthAccount), true);
  await goTo(nurse, origin, '#/dossiers');
  await row(nurse, healthDossier.id).waitFor();
  assert.equal((await listed(nurse, 'limit=200')).rows.some(({ domain }) => domain !== 'health'), false);
  await isUnknown(nurse, state.dossier.id);
  await goTo(nurse, origin, `#/dossiers/${healthDossier.id}`);
  await nurse.locator('[data-test=dossier] .filled').waitFor();
  await quiet(nurse);
  await nurse.context().close();
}
