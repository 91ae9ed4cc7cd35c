// One dossier at the desk: from new to returned by keys, the slip, a rejection with its reason, notes, a call, a conflict.
import assert from 'node:assert/strict';
import { expectRefusal, goTo } from './browser.mjs';
import { button, look, openDossier, stateShown } from './desk_shell.mjs';
import { focusKept } from './story_filling.mjs';
import { UNIT } from './desk_accounts.mjs';
import { world } from './world.mjs';

const STROKES_MAX = 8;
const DUE = { typed: '31122030', shown: '31/12/2030' };
const headingHasFocus = (page) => page.waitForFunction(() => document.activeElement?.tagName === 'H2');
const form = (page) => page.locator('[data-test=answer-form]');

/** From new to returned with the keyboard alone; keys that type words, a day or go to the next field are typing. */
export async function answeredByKeys(state) {
  const { clerk: page, origin, dossier } = state;
  await openDossier(page, origin, dossier.id);
  await headingHasFocus(page);
  let strokes = 0;
  const press = async (key) => {
    strokes += 1;
    await page.keyboard.press(key);
  };
  const noteHasFocus = () => page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  const moved = async (word) => {
    await stateShown(page, word);
    await headingHasFocus(page); // nothing is lost: the next key goes on
  };

  await page.keyboard.press('x'); // not yet: it says so, and does nothing
  await page.locator('[data-test=said]', { hasText: 'Chưa làm được' }).waitFor();
  assert.equal(await form(page).count(), 0);

  await press('a');
  await noteHasFocus();
  await page.locator('[data-test=gives-code]', { hasText: UNIT }).waitFor();
  await page.keyboard.type('Xã đã nhận đủ giấy tờ, axptrd.'); // where somebody types, letters are letters
  await page.keyboard.press('Tab');
  await page.keyboard.type(DUE.typed);
  await press('Control+Enter');
  await moved('accepted');
  const code = await page.locator('[data-test=code]').innerText();
  assert.match(code, /^000\.00\.12\.H56-\d{6}-\d{4}$/);
  await page.locator('[data-test=said]', { hasText: code }).waitFor();
  await page.locator('.marks-row [data-mark=due]', { hasText: DUE.shown }).waitFor();

  await press('p');
  await noteHasFocus();
  await press('Control+Enter');
  await moved('processing');

  await press('x');
  await noteHasFocus();
  await form(page).locator('input[type=file]').setInputFiles({ name: 'trich-luc.txt', mimeType: 'text/plain', buffer: Buffer.from('Trích lục\n') });
  await form(page).getByText('trich-luc.txt').waitFor();
  await form(page).locator('textarea').focus();
  await look(page, 'desk-answer');
  await press('Control+Enter');
  await moved('resolved');

  await press('t');
  await noteHasFocus();
  await press('Control+Enter');
  await moved('returned');
  console.log(`from new to returned: ${strokes} strokes besides typed text`);
  assert.ok(strokes <= STROKES_MAX, `${strokes} strokes, at most ${STROKES_MAX}`);

  await page.locator(`.inbox-row[data-id="${dossier.id}"] [data-state=returned]`).waitFor(); // the list knows, without a reload
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'trich-luc.txt' }).click()]);
  assert.equal(await (await file.createReadStream()).toArray().then((all) => Buffer.concat(all).toString()), 'Trích lục\n');
  await look(page, 'desk-dossier-returned');
  state.code = code;
  const there = await world.state_at_hamlet(dossier.id);
  assert.deepEqual([there.state, there.code], ['returned', code], 'the hamlet knows');
}

/** The paper for the villager, as a printer would get it. */
export async function slipPrinted(state) {
  const { clerk: page, dossier, code } = state;
  await page.getByRole('link', { name: 'Giấy hẹn' }).click();
  const sheet = page.locator('[data-test=sheet]');
  await sheet.waitFor();
  const words = (await sheet.innerText()).replaceAll('\u00a0', ' '); // “hồ sơ” is kept on one line
  for (const part of [code, dossier.label, DUE.shown, 'Sảng Mộc', 'Người nộp hồ sơ', 'Người tiếp nhận hồ sơ']) {
    assert.ok(words.toLowerCase().includes(part.toLowerCase()), `the slip says ${part}: ${words}`);
  }
  await look(page, 'desk-slip');
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.bar', '.rail']) assert.equal(await page.locator(hidden).isVisible(), false, `${hidden} is printed`);
  assert.equal(await page.locator('.no-print:visible').count(), 0, 'buttons are printed');
  await look(page, 'desk-slip-on-paper', { only: 'paper' });
  const before = page.viewportSize();
  await page.setViewportSize({ width: 446, height: 680 }); // A5 at 96 pixels an inch, less its margins
  const [wide, high] = await page.evaluate(() => [document.documentElement.scrollWidth, document.querySelector('[data-test=sheet]').offsetHeight]);
  assert.ok(wide <= 446 && high <= 680, `the slip is one sheet of A5: ${wide} × ${high}`);
  await page.setViewportSize(before);
  await page.emulateMedia({ media: 'screen' });
}

/** Nobody is rejected without being told why; the box asks for it as the page does. */
export async function rejectedWithReason(state) {
  const { clerk: page, origin } = state;
  const rejected = (state.rejected = state.others.pop());
  await openDossier(page, origin, rejected.id);
  await headingHasFocus(page);
  await page.keyboard.press('r');
  await form(page).waitFor();
  await page.keyboard.press('Control+Enter');
  await form(page).getByText('Từ chối thì phải ghi lý do').waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  await look(page, 'desk-rejection', { only: '1366' });
  expectRefusal('400 /api/desk/dossiers');
  const refused = await page.evaluate(async (id) => {
    const { token } = await (await fetch('/api/session')).json();
    const body = new FormData();
    body.append('state', 'rejected');
    return (await fetch(`/api/desk/dossiers/${id}/answer`, { method: 'POST', headers: { 'X-Khuoi': token }, body })).status;
  }, rejected.id);
  assert.equal(refused, 400, 'the box refuses a rejection without a reason');
  await page.keyboard.press('Escape');
  await form(page).waitFor({ state: 'detached' });
  await stateShown(page, 'new');
  await page.keyboard.press('r');
  await page.keyboard.type('Không thuộc thẩm quyền của xã.');
  await page.keyboard.press('Control+Enter');
  await stateShown(page, 'rejected');
  await page.locator('[data-test=note]', { hasText: 'Không thuộc thẩm quyền của xã.' }).waitFor();
  await page.getByText('Hồ sơ đã kết thúc, không còn bước nào.').waitFor();
  await focusKept(page, 'a dossier was rejected');
}

/** Notes and the person in charge: of the commune's own people. */
export async function noted(state) {
  const { clerk: page, origin, clerkAccount } = state;
  state.worked = state.others.pop();
  await openDossier(page, origin, state.worked.id);
  const notes = page.locator('[data-test=notes]');
  await notes.getByLabel('Ghi thêm').fill('Đã hỏi lại ngày sinh qua điện thoại.');
  await notes.getByRole('button', { name: 'Lưu ghi chú' }).click();
  await notes.getByText('Đã hỏi lại ngày sinh qua điện thoại.').waitFor();
  await notes.getByText(clerkAccount.name).waitFor();
  await button(page, 'Tôi nhận').click();
  await page.waitForFunction((name) => document.querySelector('[data-test=charge]').value === name, clerkAccount.name);
  await page.locator(`.inbox-row[data-id="${state.worked.id}"]`).getByText(clerkAccount.name).waitFor();
  const photo = page.locator('.photo-button').first();
  if (await photo.count()) {
    await photo.click();
    await page.locator('.viewer img').waitFor();
    await look(page, 'desk-photo', { only: '1366' });
    await page.keyboard.press('Escape');
    await page.locator('.viewer').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.className), 'photo-button', 'the focus goes back to the photo');
  }
  await look(page, 'desk-dossier-noted');
}

/** The hamlet is asked to come; nothing of what the dossier says is in the message. */
export async function called(state) {
  const { clerk: page, worked } = state;
  await page.locator('[data-test=call]').click();
  const ask = page.locator('dialog');
  await ask.getByLabel('Viết thêm').fill('Mang theo bản gốc giúp xã.');
  await look(page, 'desk-call');
  await ask.getByRole('button', { name: 'Gửi tin' }).click();
  const said = page.locator('[data-test=said]', { hasText: 'Đã gửi tin cho xóm' });
  await said.waitFor();
  assert.equal((await said.innerText()).includes(worked.label), false, 'a name stands in the message');
  await focusKept(page, 'the hamlet was called');
}

/** Two versions side by side, what differs marked, and the hamlet is asked to choose. */
export async function conflictShown(state) {
  const { clerk: page, origin, conflicted } = state;
  await goTo(page, origin, '#/');
  await goTo(page, origin, '#/dossiers?only=conflicts');
  await page.locator(`.inbox-row[data-id="${conflicted.id}"] .inbox-name`).click();
  const conflict = page.locator('[data-test=conflict]');
  await conflict.waitFor();
  const versions = conflict.locator('.side-by-side > article');
  assert.equal(await versions.count(), 2);
  const marked = await versions.evaluateAll((all) => all.map((one) => [...one.querySelectorAll('.different')].map((line) => line.dataset.path)));
  assert.ok(marked[0].length > 0, 'what differs is marked');
  assert.deepEqual(marked[0], marked[1]);
  const texts = await versions.evaluateAll((all) => all.map((one) => one.querySelector('.different dd').innerText));
  assert.notEqual(texts[0], texts[1]);
  const [left, right] = await Promise.all([versions.nth(0).boundingBox(), versions.nth(1).boundingBox()]);
  assert.ok(Math.abs(left.y - right.y) < 2 && right.x > left.x + left.width - 2, 'side by side');
  await look(page, 'desk-conflict');
  await conflict.getByLabel('Chỉ xem chỗ khác nhau').check();
  assert.equal(await versions.nth(0).locator('dt').count(), marked[0].length);
  await page.locator('[data-test=call-conflict]').click();
  const ask = page.locator('dialog');
  assert.match(await ask.getByLabel('Viết thêm').inputValue(), /chọn bản đúng/, 'the words are there already');
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-test=said]', { hasText: 'Đã gửi tin cho xóm' }).waitFor();
}
