// One dossier's way: filled in with two photos, carried, received, answered, edited, quarrelled over, withdrawn.
import assert from 'node:assert/strict';
import { boxIsAway, expectRefusal, goTo, person } from './browser.mjs';
import { fillToTheEnd, makePhoto } from './filler.mjs';
import { inspect } from './inspect.mjs';
import { focusKept, lookedOver } from './story_filling.mjs';
import { world } from './world.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });
export const stateOf = (page) => page.locator('.page > .row [data-state]').first();

/** Waits until a dossier's page shows a state, loading it anew now and then as a person would. */
export async function untilState(page, state) {
  await page.locator(`.page > .row [data-state=${state}]`).waitFor();
}

const BIRTH_COPY = { loai: 'ks', ho_ten: 'Đặng Thị Mỷ', cccd: '019185000144', ngay_sinh: '02111985', sdt: '0378451200', nguoi: 'Đặng Văn Hải', la_gi: 'con',
  nam_dk: '2011', noi_dk: 'Xã Sảng Mộc', so_ban: '2', giay_cu: 'goc', dong_y: 'co' };

/** The birth copy from the home page's first door to the slip; 360 pixels wide, question by question. */
export async function birthCopy(state) {
  const { head: page, origin } = state;
  state.photo = await makePhoto(page, 'Giấy khai sinh cũ');
  await goTo(page, origin, '#/');
  await page.getByRole('link', { name: 'Làm hồ sơ mới' }).click();
  await page.getByRole('link', { name: 'Cấp bản sao trích lục hộ tịch', exact: true }).waitFor();
  await inspect(page, 'forms');
  await page.getByRole('link', { name: 'Cấp bản sao trích lục hộ tịch', exact: true }).click();
  const seen = new Set();
  state.number = await fillToTheEnd(page, state.photo, BIRTH_COPY, async () => {
    const question = page.locator('.question').first();
    const place = await page.locator('[data-test=send]').count() ? 'review' :
      await question.count() ? await question.getAttribute('data-reference') : 'repeat';
    const wanted = { '/data/loai': 'fill-choice', '/data/ngay_sinh': 'fill-date', review: 'fill-review' };
    if (!wanted[place] || seen.has(place)) return;
    seen.add(place);
    await inspect(page, wanted[place], { only: place === 'review' ? undefined : '360' });
    if (place === 'review') await lookedOver(page);
  });
  assert.match(state.number, /^\d+$/, 'a number that can be said aloud');
  state.dossier = decodeURIComponent(new URL(page.url()).hash.split('/')[2]);
  await page.getByText('Hồ sơ đã lưu chắc chắn trong máy.').waitFor();
  await page.getByLabel('Người đang giữ giấy tờ gốc').fill('Trưởng xóm');
  await page.getByLabel('Hẹn quay lại').fill('10/12/2026, nhà văn hóa xóm');
  await page.getByText('Đã cất vào máy.').waitFor();
  await inspect(page, 'slip');
  await printed(page, 'slip-on-paper');
  const lines = await page.locator('.sheet').innerText();
  assert.match(lines, /Có bản gốc|Bản cũ của giấy tờ này/, 'the originals are named');
  await page.getByRole('link', { name: 'Xem hồ sơ' }).click();
  await untilState(page, 'saved');
  assert.equal(await page.locator('h2#files ~ ul li, #files').count() > 0, true, 'the photos are listed');
  await inspect(page, 'dossier-saved');
  await page.reload(); // nothing of the first print is left in this browser
  await page.getByRole('link', { name: 'In biên nhận' }).click();
  await page.locator('[data-test=number]').waitFor();
  assert.equal(await page.getByLabel('Người đang giữ giấy tờ gốc').inputValue(), 'Trưởng xóm');
  // But for the minute: the first print has the time of the phone, the reprint that of the box.
  const timeless = (text) => text.replace(/\d\d:\d\d, \d\d\/\d\d\/\d{4}/g, '');
  assert.equal(timeless(await page.locator('.sheet').innerText()), timeless(lines), 'the reprint says the same');
}

/** What a printer would get: no bar, no buttons. */
async function printed(page, name) {
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.bar').isVisible(), false, 'the bar is printed');
  assert.equal(await page.locator('.no-print:visible').count(), 0, 'buttons are printed');
  await inspect(page, name, { only: 'paper' });
  await page.emulateMedia({ media: 'screen' });
}

/** The stick takes it, the commune has it, the receipt comes back. */
export async function stickRound(state) {
  const { head: page, origin, dossier } = state;
  await goTo(page, origin, `#/dossier/${dossier}`);
  await world.plug();
  await untilState(page, 'sent');
  await inspect(page, 'dossier-sent');
  await world.pull();
  await world.stick_at_commune();
  await world.plug();
  await untilState(page, 'received');
  await inspect(page, 'dossier-received');
  await world.pull();
  const { xml, files } = await world.exported(dossier);
  const names = [...xml.matchAll(/>([^<>]+\.jpg)</g)].map((match) => match[1]).sort();
  assert.equal(names.length, 2, `two photos are named in ${xml}`);
  assert.deepEqual(files, names, 'both photos came to the commune');
}

/** The clerk answers; the answer comes by fiber and is read on the page. */
export async function answered(state) {
  const { head: page, origin, dossier } = state;
  const note = 'Thiếu ảnh mặt sau, bà con chụp lại giúp xã.';
  const paper = await world.paper('phieu-hen.txt', 'Phiếu hẹn trả kết quả\n');
  await world.state(dossier, '--set', 'accepted', '--code', '000.26.17.H55-261125-0001');
  await world.state(dossier, '--set', 'needs-papers', '--note', note, '--due', '2026-12-10', '--fee', '24000', '--attach', paper);
  await goTo(page, origin, '#/');
  await page.getByText('Cáp quang đang đứt').waitFor();
  await world.fiber_up();
  await page.getByText('Cáp quang đang thông').waitFor();
  await page.getByText('2 câu trả lời mới').or(page.getByText('1 câu trả lời mới')).first().waitFor();
  await inspect(page, 'home-answer-came');
  await page.getByRole('link', { name: 'Xem hồ sơ' }).click();
  await page.getByLabel('Tìm theo tên, số, mã (không cần dấu)').fill('dang thi my');
  const row = page.locator('.list-item', { hasText: 'Đặng Thị Mỷ' });
  await row.getByText('mới', { exact: true }).waitFor();
  await inspect(page, 'dossiers');
  await row.click();
  await untilState(page, 'needs-papers');
  const answer = page.locator('article.card').first();
  for (const words of [note, '10/12/2026', '24.000 đ', 'phieu-hen.txt']) await answer.getByText(words).first().waitFor();
  await page.getByText('000.26.17.H55-261125-0001').first().waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), answer.getByRole('link', { name: 'phieu-hen.txt' }).click()]);
  assert.equal(await (await file.createReadStream()).toArray().then((all) => Buffer.concat(all).toString()), 'Phiếu hẹn trả kết quả\n');
  const kinds = await page.locator('.timeline li').evaluateAll((all) => all.map((one) => one.dataset.kind));
  assert.deepEqual(kinds, ['saved', 'sent', 'received', 'state', 'state']);
  await page.locator('.timeline li[data-kind=sent]', { hasText: /Đã (chép vào USB|gửi qua cáp quang)/ }).first().waitFor();
  await page.locator('.timeline li[data-kind=received]', { hasText: /biết (hôm nay|hôm qua)/ }).first().waitFor();
  await page.getByRole('button', { name: /Mở xem/ }).first().click();
  await page.locator('.list img').waitFor();
  await inspect(page, 'dossier-answered');
  await goTo(page, origin, '#/dossiers');
  await page.locator('.list-item', { hasText: 'Đặng Thị Mỷ' }).first().waitFor();
  assert.equal(await page.getByText('mới', { exact: true }).count(), 0, 'what was read is not new any more');
}

/** Papers are added: one photo is new, the other is inherited and not sent again. */
export async function edited(state) {
  const { head: page, origin, dossier } = state;
  await goTo(page, origin, `#/dossier/${dossier}`);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole('link', { name: 'Bổ sung giấy tờ' }).click();
  const back = page.locator('[data-reference="/data/anh_sau"]');
  await back.locator('canvas').waitFor();
  const again = await makePhoto(page, 'Mặt sau, chụp lại');
  await back.locator('input[type=file]').setInputFiles({ name: 'lai.jpg', mimeType: 'image/jpeg', buffer: again });
  await page.getByText('Bản nháp đã cất trong máy').waitFor();
  await page.waitForFunction(() => location.hash.includes('draft='));
  await inspect(page, 'edit-one-page', { only: '1080' });
  // A reload in the middle of an edit loses neither the new photo nor the inherited one.
  await page.reload();
  await page.locator('[data-reference="/data/anh"] canvas').waitFor();
  await back.locator('canvas').waitFor();
  assert.equal(await page.locator('.notice-warn').count(), 0, 'nothing of the edit was lost');
  await page.evaluate(() => {
    const { fetch } = window;
    window.fetch = (path, options) => {
      if (options?.body instanceof FormData) window.sentFiles = [...options.body.values()].filter((one) => one instanceof File).map(({ name }) => name);
      return fetch(path, options);
    };
  });
  await button(page, 'Lưu bản sửa').click();
  await page.locator('[data-test=number]').waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('input')].some((one) => one.value === 'Trưởng xóm')); // the slip's words still stand
  const sent = await page.evaluate(() => window.sentFiles.filter((name) => !name.endsWith('.xml')));
  assert.equal(sent.length, 1, `only the new photo is sent again: ${sent}`);
  await page.setViewportSize({ width: 360, height: 740 });
  await goTo(page, origin, `#/dossier/${dossier}`);
  await page.getByText('có sửa chưa về xã').or(page.locator('[data-kind=edited]')).first().waitFor();
  await page.locator('.timeline [data-kind=edited]').waitFor();
  assert.equal(await page.getByText('chưa có ở máy này').count(), 0, 'no photo went missing by the edit');
  await page.getByText('có sửa chưa về xã').waitFor({ state: 'detached' }); // the fiber is up
  await inspect(page, 'dossier-edited');
  const { files } = await world.exported(dossier);
  assert.equal(files.length >= 2, true, `the commune has both photos: ${files}`);
}

/** Two people edit the same version; both are kept, and one is picked. */
export async function quarrelled(state) {
  const { browser, head: page, origin, dossier } = state;
  const other = await person(browser, origin, { width: 1280, height: 900 });
  await login(other, origin, state, { pin: state.pin });
  await page.setViewportSize({ width: 1280, height: 900 });
  for (const [who, phone] of [[page, '0911111111'], [other, '0922222222']]) {
    await goTo(who, origin, `#/dossier/${dossier}`);
    await who.getByRole('link', { name: 'Bổ sung giấy tờ' }).click();
    const line = who.locator('[data-reference="/data/sdt"] input');
    await line.waitFor();
    await line.fill(phone);
    await who.getByText('Bản nháp đã cất trong máy').waitFor();
  }
  for (const who of [page, other]) {
    await button(who, 'Lưu bản sửa').click();
    await who.locator('[data-test=number]').waitFor();
  }
  await other.context().close();
  await page.setViewportSize({ width: 360, height: 740 });
  await goTo(page, origin, `#/dossier/${dossier}`);
  await page.getByText('Hồ sơ này có hai bản sửa khác nhau.').waitFor();
  await page.locator('.different').first().waitFor();
  for (const phone of ['0911111111', '0922222222']) await page.getByText(phone).first().waitFor();
  await inspect(page, 'conflict');
  await page.locator('article.card', { hasText: '0922222222' }).getByRole('button', { name: 'Dùng bản này' }).click();
  await inspect(page, 'conflict-asked', { only: '360' });
  await page.locator('dialog').getByRole('button', { name: 'Dùng bản này' }).click();
  await page.getByText('Hồ sơ này có hai bản sửa khác nhau.').waitFor({ state: 'detached' });
  await page.locator('.answers').getByText('0922222222').waitFor();
  assert.equal(await page.getByText('0911111111').count(), 0);
  await page.locator('.timeline [data-kind=pick]').waitFor();
}

export async function withdrawn(state) {
  const { head: page, origin, dossier } = state;
  await goTo(page, origin, `#/dossier/${dossier}`);
  await button(page, 'Xin rút hồ sơ').click();
  const ask = page.locator('dialog');
  assert.equal(await ask.getByRole('button', { name: 'Gửi lời xin rút' }).isDisabled(), true, 'a reason is needed');
  await ask.getByLabel('Lý do').fill('Đã tìm thấy bản chính.');
  await inspect(page, 'withdraw', { only: '360' });
  await ask.getByRole('button', { name: 'Gửi lời xin rút' }).click();
  await page.getByText('Đã ghi lời xin rút; xã sẽ trả lời.').waitFor();
  await focusKept(page, 'a dossier was withdrawn');
  await page.locator('.timeline [data-kind=withdrawal]').waitFor();
  assert.equal(await button(page, 'Xin rút hồ sơ').count(), 0, 'one asks once');
}

export async function login(page, origin, { name = 'Triệu Văn Sìu' }, secret) {
  await goTo(page, origin, '#/'); // an address that the page is at already would change nothing
  await goTo(page, origin, '#/login');
  await page.getByRole('button', { name: new RegExp(name) }).click();
  const asksPhrase = page.getByLabel(new RegExp('Câu mở khóa của'));
  if (secret.pin && secret.phrase) await asksPhrase.or(button(page, 'Vào')).first().waitFor(); // whichever is asked for
  if (secret.pin && !(secret.phrase && (await asksPhrase.isVisible()))) {
    for (const digit of secret.pin) await button(page, digit).click();
    await button(page, 'Vào').click();
  } else {
    await asksPhrase.fill(secret.phrase);
    await button(page, 'Mở khóa').click();
  }
  if (!secret.refused) await page.getByRole('button', { name: /Đăng xuất/ }).waitFor();
}

/** Out, and in again: with the PIN while the box runs, with the phrase after a power cut. */
export async function unlocked(state) {
  const { head: page, origin } = state;
  await goTo(page, origin, '#/');
  await page.getByRole('button', { name: /Đăng xuất/ }).click();
  await page.getByRole('link', { name: 'Mở khóa', exact: true }).first().waitFor();
  await goTo(page, origin, '#/dossiers');
  await page.getByRole('heading', { name: 'Mở khóa' }).waitFor();
  await inspect(page, 'login-who');
  await page.getByRole('button', { name: /Triệu Văn Sìu/ }).click();
  await inspect(page, 'login-pin');
  expectRefusal('403 /api/login', '429 /api/login');
  await login(page, origin, state, { pin: '1111', refused: true });
  await page.getByText('Chưa đúng.').waitFor();
  await inspect(page, 'login-denied', { only: '360' });
  // One wrong try costs a second; a person who comes too soon is told to wait.
  for (let tries = 0; tries < 30 && !(await page.getByRole('button', { name: /Đăng xuất/ }).count()); tries++) {
    await login(page, origin, state, { pin: state.pin, refused: true });
    await page.locator('.notice-bad').or(page.getByRole('button', { name: /Đăng xuất/ })).first().waitFor();
  }
  boxIsAway(true);
  await world.power_cut();
  await page.reload();
  boxIsAway(false);
  await page.getByRole('link', { name: 'Mở khóa', exact: true }).first().waitFor();
  await goTo(page, origin, '#/login');
  await page.getByRole('button', { name: /Triệu Văn Sìu/ }).click();
  await page.getByLabel(/Câu mở khóa của/).waitFor();
  await inspect(page, 'login-phrase');
  await login(page, origin, state, { phrase: state.phrase });
}
