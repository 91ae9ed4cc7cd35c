// A health worker of their own, records the head cannot see, and drafts that nothing loses.
import assert from 'node:assert/strict';
import { boxIsAway, expectRefusal, goTo, person, quiet } from './browser.mjs';
import { fillToTheEnd } from './filler.mjs';
import { inspect } from './inspect.mjs';
import { login } from './story_dossier.mjs';
import { focusKept } from './story_filling.mjs';
import { world } from './world.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });

/** The health worker begins with a phrase of her own; the box's first person, who reads no health, gives a head an account. */
export async function accounts(state) {
  const { head: page, origin } = state;
  state.health = { name: 'Bàn Thị Liều' };
  state.chief = { name: 'Lý Văn Phúc' };
  await goTo(page, origin, '#/new');
  await page.locator('a.form-link').first().waitFor();
  assert.equal(await page.locator('a.form-link[href*="tiem_chung_tre"]').count(), 0, 'a health form is offered before there is a health worker');
  await goTo(page, origin, '#/health');
  await page.getByText('Chưa có cán bộ y tế dùng máy này').waitFor();
  await inspect(page, 'health-waits');
  await goTo(page, origin, '#/people');
  await button(page, 'Cán bộ y tế bắt đầu').click();
  await page.getByLabel('Tên cán bộ y tế').fill(state.health.name);
  state.health.phrase = await offered(page);
  await inspect(page, 'people-health-begins');
  await button(page, 'Cán bộ y tế bắt đầu').click();
  await page.getByText(`${state.health.name} đã bắt đầu.`).waitFor();
  for (const [who, duty] of [[state.chief, 'Hồ sơ giấy tờ (trưởng xóm)']]) {
    await goTo(page, origin, '#/people');
    await button(page, 'Thêm người').click();
    assert.equal(await page.getByLabel('Sức khỏe (cán bộ y tế)').count(), 0, 'the head gives what he cannot read');
    await page.getByLabel('Họ tên').fill(who.name);
    await page.getByLabel(duty).check();
    who.phrase = await offered(page);
    await inspect(page, 'people-add');
    await button(page, 'Thêm người').click();
    await page.getByText(`Đã thêm ${who.name}.`).waitFor();
  }
  await inspect(page, 'people');
}

async function offered(page) {
  await page.waitForFunction(() => document.querySelector('[data-test=phrase]')?.textContent.trim().split(' ').length === 4);
  await page.getByLabel('Tôi đã chép câu này ra giấy và cất kỹ').check();
  return (await page.locator('[data-test=phrase]').textContent()).trim();
}

/** The health worker's records are hers alone, and the head's are his. */
export async function healthApart(state) {
  const { browser, origin } = state;
  const nurse = (state.nurse = await person(browser, origin));
  await login(nurse, origin, state.health, { phrase: state.health.phrase });
  assert.equal(await nurse.getByRole('heading', { name: 'Đặt câu mở khóa của riêng mình' }).count(), 0, 'her phrase is her own already');
  await goTo(nurse, origin, '#/');
  await nurse.getByRole('link', { name: 'Sức khỏe' }).click();
  await nurse.getByRole('link', { name: 'Ghi phiếu mới' }).click();
  await nurse.getByRole('link', { name: 'Sổ tiêm chủng trẻ em' }).or(nurse.getByRole('link', { name: /[Tt]iêm chủng/ })).first().click();
  await fillToTheEnd(nurse, state.photo, { dong_y: 'co' });
  state.record = decodeURIComponent(new URL(nurse.url()).hash.split('/')[2]);
  await goTo(nurse, origin, '#/health');
  await nurse.locator('.list-item[href*=dossier]').first().waitFor();
  await inspect(nurse, 'health');
  await goTo(nurse, origin, `#/dossier/${state.record}`);
  await stateShown(nurse);
  await inspect(nurse, 'health-record');
  await goTo(nurse, origin, '#/health');
  await nurse.getByText('Ai đã xem').click();
  const looks = nurse.locator('li', { hasText: 'Bàn Thị Liều: mở phiếu' });
  await looks.first().waitFor();
  assert.equal(await looks.count(), 1, 'one look is one line');
  assert.ok((await looks.first().locator('a').innerText()).trim().length > 3, 'the record is named');
  await inspect(nurse, 'health-log');

  const chief = (state.chiefPage = await person(browser, origin));
  await login(chief, origin, state.chief, { phrase: state.chief.phrase });
  await ownPhrase(chief, state.chief);
  expectRefusal('404 /api/dossiers', '403 /api/dossiers', '404 /api/health', '403 /api/health');
  await goTo(chief, origin, '#/health');
  await chief.getByText('Người đang dùng máy không có quyền xem sức khỏe.').waitFor();
  await inspect(chief, 'health-not-for-the-head', { only: '360' });
  await refusedPage(chief, origin, state.record);
  await refusedPage(nurse, origin, state.dossier);
  await goTo(nurse, origin, '#/dossiers');
  await nurse.getByText('Người đang dùng máy chỉ xem được phiếu sức khỏe.').waitFor();
}

/** A phrase that somebody else made is changed before anything else is shown. */
async function ownPhrase(page, who) {
  await page.getByRole('heading', { name: 'Đặt câu mở khóa của riêng mình' }).waitFor();
  await page.waitForFunction((before) => (document.querySelector('[data-test=phrase]')?.textContent.trim() ?? before) !== before, '');
  const offered = (await page.locator('[data-test=phrase]').textContent()).trim();
  assert.notEqual(offered, who.phrase);
  who.phrase = offered;
  await page.getByLabel('Tôi đã chép câu này ra giấy và cất kỹ').check();
  await inspect(page, 'own-phrase', { only: '360' });
  await button(page, 'Lưu').click();
  await page.getByRole('heading', { name: 'Đặt câu mở khóa của riêng mình' }).waitFor({ state: 'detached' });
}

/** Somebody is added, gets another phrase, and is gone; whoever reads a domain last is told what follows. */
export async function peopleLeave(state) {
  const { head: page, origin } = state;
  const offered = () => page.waitForFunction(() => document.querySelector('[data-test=phrase]')?.textContent.trim().split(' ').length === 4);
  await goTo(page, origin, '#/people');
  await button(page, 'Thêm người').click();
  await page.getByLabel('Họ tên').fill('Người Tạm');
  await page.getByLabel('Hồ sơ giấy tờ (trưởng xóm)').check();
  await offered();
  await page.getByLabel('Tôi đã chép câu này ra giấy và cất kỹ').check();
  await button(page, 'Thêm người').click();
  const card = page.locator('li.card', { hasText: 'Người Tạm' });
  await card.getByText('hồ sơ · chưa có mã PIN').waitFor();
  await button(page, 'Đổi quyền xem: Người Tạm').click();
  await offered();
  await card.getByLabel('Tôi đã chép câu này ra giấy và cất kỹ').check();
  await inspect(page, 'people-access', { only: '360' });
  await card.getByRole('button', { name: 'Lưu', exact: true }).click();
  await page.getByText('Đã đổi quyền xem của Người Tạm.').waitFor();
  await card.getByText('hồ sơ · chưa có mã PIN').waitFor();
  await button(page, 'Bỏ người này: Người Tạm').click();
  await page.locator('dialog').getByRole('button', { name: 'Bỏ người này' }).click();
  await card.waitFor({ state: 'detached' });
  await focusKept(page, 'somebody was removed');
}

const stateShown = (page) => page.locator('.page > .row [data-state]').first().waitFor();

async function refusedPage(page, origin, id) {
  await goTo(page, origin, `#/dossier/${id}`);
  await page.locator('.notice-bad').waitFor();
  assert.equal(await page.locator('.answers').count(), 0, 'another domain was shown');
  const answer = await page.evaluate((which) => fetch(`/api/dossiers/${which}`).then(({ status }) => status), id);
  assert.equal(answer, 404);
}

/** Types into one question of a draft and waits until the box has it. */
async function typed(page, field, words) {
  const saved = page.waitForResponse((response) => response.request().method() === 'PUT' && /\/api\/drafts\/[0-9a-f]{32}$/.test(new URL(response.url()).pathname));
  await page.locator(`[data-reference$="/${field}"] input, [data-reference$="/${field}"] textarea`).first().fill(words);
  await saved;
}

/** A draft outlives a reload, another device and a power cut; its photo too. */
export async function draftsSurvive(state) {
  const { browser, origin } = state;
  const page = await person(browser, origin, { width: 1280, height: 900 });
  await openForm(page, origin, 'ban_sao_ho_tich');
  await typed(page, 'ho_ten', 'Nông Thị Nháp');
  await page.locator('[data-reference="/data/giay_cu"] input[value=goc]').check();
  const photos = ['anh', 'anh_sau'];
  for (const field of photos) {
    const kept = page.waitForResponse((response) => response.request().method() === 'PUT' && response.url().includes('/files/'));
    await page.locator(`[data-reference="/data/${field}"] input[type=file]`).setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: state.photo });
    await kept;
  }
  await page.waitForFunction(() => location.hash.includes('draft='));
  const here = new URL(page.url()).hash;
  await page.reload();
  await whole(page);
  boxIsAway(true);
  await world.power_cut();
  await page.reload();
  boxIsAway(false);
  await whole(page);
  await goTo(page, origin, '#/');
  await page.getByText('Đang làm dở').waitFor();
  await inspect(page, 'home-with-a-draft');

  // On another device: by name and phrase, since the first browser's cookie is not there.
  const stranger = await person(browser, origin, { width: 1280, height: 900 });
  expectRefusal('403 /api/drafts');
  await goTo(stranger, origin, here);
  await stranger.getByText('Bản làm dở vẫn được giữ trên máy, không mất gì.').waitFor();
  await login(stranger, origin, state.chief, { phrase: state.chief.phrase });
  await goTo(stranger, origin, '#/');
  await stranger.getByRole('link', { name: 'Làm tiếp' }).first().click();
  await whole(stranger);
  // Sent from there, with both photos: what is restored must not be left out.
  const answers = { loai: 'ks', cccd: '019185000144', nguoi: 'Nông Văn Hải', so_ban: '1', dong_y: 'co' };
  await stranger.setViewportSize({ width: 360, height: 740 });
  await stranger.locator('[data-test=place]').waitFor(); // one question a screen from here on
  // It opened where it was left; what was passed over stands before that.
  for (const back = button(stranger, 'Quay lại'); await back.count(); await stranger.waitForTimeout(50)) await back.click();
  await fillToTheEnd(stranger, state.photo, answers);
  await stranger.getByRole('link', { name: 'Xem hồ sơ' }).click();
  await stateShown(stranger);
  assert.equal(await stranger.locator('#files ~ ul > li').count(), 2, 'both photos of the draft were handed in');
  assert.equal(await stranger.getByText('chưa có ở máy này').count(), 0);
  await page.reload();
  await page.getByRole('heading', { name: /Quầy của xóm/ }).waitFor();
  await quiet(page);
  assert.equal(await page.getByText('Đang làm dở').count(), 0, 'the draft went with the submission');
  await stranger.context().close();
  await page.context().close();

  async function whole(which) {
    await which.locator('[data-reference="/data/anh_sau"] canvas').waitFor();
    await which.locator('[data-reference="/data/anh"] canvas').waitFor();
    assert.equal(await which.locator('[data-reference="/data/ho_ten"] input').inputValue(), 'Nông Thị Nháp');
    assert.equal(await which.locator('.notice-warn').count(), 0, 'something of the draft was lost');
  }
}

/** Opens a form by its title's link, so that whatever version is newest is taken. */
export async function openForm(page, origin, id) {
  await goTo(page, origin, '#/new');
  await page.locator(`a.form-link[href*="/fill/${id}~"], a.form-link[href*="/fill/${id}%7E"]`).first().click();
  await page.locator('.question').first().waitFor();
}
