// A box out of its carton: named, locked with a phrase, enrolled by a stick.
import fs from 'node:fs';
import assert from 'node:assert/strict';
import { expectRefusal, goTo, person } from './browser.mjs';
import { inspect } from './inspect.mjs';
import { focusKept } from './story_filling.mjs';
import { world } from './world.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });

export async function firstStart(state) {
  const { browser, origin } = state;
  const page = (state.head = await person(browser, origin));
  await goTo(page, origin, '');
  assert.equal(await page.evaluate(() => isSecureContext), false, 'the test must run as a hamlet does, without https');
  await inspect(page, 'first-start-welcome');
  const late = await person(browser, origin); // somebody else opened it too, and comes too late
  await goTo(late, origin, '');
  await button(late, 'Bắt đầu').click();
  await button(page, 'Bắt đầu').click();
  await page.getByLabel('Tên xóm').fill('Khuổi Mèo');
  await page.getByLabel('Tên người giữ máy').fill('Triệu Văn Sìu');
  await page.getByText('Xóm có cán bộ y tế dùng máy này không?').waitFor();
  await inspect(page, 'first-start-names');
  await button(page, 'Tiếp').click();
  const offered = page.locator('[data-test=phrase]');
  await page.waitForFunction(() => document.querySelector('[data-test=phrase]')?.textContent.trim().split(' ').length === 4);
  const first = await offered.textContent();
  await button(page, 'Đổi bốn từ khác').click();
  await page.waitForFunction((before) => document.querySelector('[data-test=phrase]').textContent !== before, first);
  state.phrase = (await offered.textContent()).trim();
  assert.equal(state.phrase.split(' ').length, 4);
  await page.getByLabel('Tôi đã chép câu này ra giấy và cất kỹ').check();
  await inspect(page, 'first-start-phrase');
  await button(page, 'Tạo máy của xóm').click();
  await page.getByRole('heading', { name: 'Mã PIN dùng hằng ngày' }).waitFor();
  await inspect(page, 'first-start-pin');
  state.pin = '2468';
  await page.getByLabel('Mã PIN (4 đến 8 số)').fill(state.pin);
  await page.getByLabel('Nhập lại mã PIN').fill('1357');
  await button(page, 'Lưu').click();
  await page.getByText('Hai lần nhập không giống nhau.').waitFor();
  await page.getByLabel('Nhập lại mã PIN').fill(state.pin);
  await button(page, 'Lưu').click();
  await page.getByRole('heading', { name: 'Ghi tên xóm với xã' }).waitFor();
  await inspect(page, 'enrolment-request');
  await goTo(page, origin, '#/');
  await page.getByText('Xóm chưa được xã chấp nhận').waitFor();
  await inspect(page, 'home-before-the-grant');
  await button(late, 'Vào trang đầu').waitFor();
  await inspect(late, 'first-start-too-late', { only: '360' });
  await button(late, 'Vào trang đầu').click();
  await late.getByRole('heading', { name: 'Quầy của xóm Khuổi Mèo' }).waitFor();
  await late.context().close();
}

/** The request leaves on the stick, the grant comes back on it. */
export async function enrolByStick(state) {
  const { head: page, origin } = state;
  await goTo(page, origin, '#/enrolment');
  const fingerprint = (await page.locator('.number').first().textContent()).replace(/\D/g, '');
  assert.equal(fingerprint.length, 30);
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Tải tờ xin ghi tên').click()]);
  assert.match(fs.readFileSync(await download.path(), 'utf8'), /request/, 'the file is the request');

  await goTo(page, origin, '#/');
  await world.plug();
  await page.getByText('USB: rút được rồi').waitFor();
  await inspect(page, 'home-stick-safe');
  for (const other of ['#/new', '#/announcements']) {
    await goTo(page, origin, other);
    await page.locator('[data-test=stick]', { hasText: 'USB: rút được rồi' }).waitFor();
    const box = await page.locator('[data-test=stick]').boundingBox();
    assert.ok(box.y >= 0 && box.y + box.height <= 740, `the stick's state is on the first screen of ${other}`);
  }
  await goTo(page, origin, '#/');
  await world.pull();
  await world.stick_at_commune();
  await world.grant(fingerprint);
  await world.stick_at_commune();
  await page.getByText('USB: rút được rồi').waitFor({ state: 'detached' });
  await world.plug();
  await page.getByText('USB: rút được rồi').waitFor();
  await page.locator('[data-test=grant-came]').click(); // the home page says that the answer has come
  const invitation = page.locator('[data-test=invitation]');
  await invitation.waitFor();
  await invitation.getByText('Sảng Mộc').waitFor();
  const theirs = (await invitation.locator('.number').textContent()).replace(/\D/g, '');
  assert.equal(theirs.length, 30, 'the commune\'s digits are shown');
  await inspect(page, 'enrolment-invitation');
  // A wrong file is refused in words, and spoils nothing.
  expectRefusal('400 /api/enrolment/grant/read');
  await page.locator('input[type=file]').setInputFiles({ name: 'x.grant', mimeType: 'text/plain', buffer: Buffer.from('không phải') });
  await page.locator('.notice-bad').waitFor();
  // The commune's own file: whose it is stands there before anything is taken.
  await page.locator('input[type=file]').setInputFiles(await world.grant_file());
  await page.getByText('Tệp này là giấy chấp nhận của xã Sảng Mộc').waitFor();
  assert.equal((await invitation.locator('.number').textContent()).replace(/\D/g, ''), theirs);
  await inspect(page, 'enrolment-file');
  await button(page, 'Không đúng, bỏ tệp này').click();
  await page.getByText('USB đã mang về giấy chấp nhận của xã Sảng Mộc').waitFor();
  await button(page, 'Đúng từng số, ghi tên xóm với xã này').click();
  await page.getByText('Xong! Xóm đã được ghi tên.').waitFor();
  await focusKept(page, 'the grant was taken');
  await inspect(page, 'enrolment-done');
  await world.pull();
}
