// What was typed is kept: pasted signs that XML cannot hold, drafts that do not open, a power cut; and who may read after
// "log out" and after "lock the box".
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { boxIsAway, documentIsBroken, expectRefusal, goTo, person, quiet } from './browser.mjs';
import { fillToTheEnd } from './filler.mjs';
import { inspect } from './inspect.mjs';
import { login } from './story_dossier.mjs';
import { openForm } from './story_people.mjs';
import { world } from './world.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const DESK = { width: 1280, height: 900 };
// Word's soft line break and hyphens, a scanner's form feed and bell, a noncharacter, half an emoji.
const PASTED = 'Nông\u000BThị\u0007 Dán\u001F\uFFFE\uD83D Keo\u000C';
const KEPT = 'Nông Thị Dán Keo ';
const ANSWERS = { loai: 'ks', cccd: '019185000144', ngay_sinh: '02111985', sdt: '0378451200', nguoi: 'Nông Văn Hải', la_gi: 'con',
  nam_dk: '2011', noi_dk: 'Xã Sảng Mộc', so_ban: '1', giay_cu: 'goc', dong_y: 'co' };

/** Asks the box as the page does. */
const ask = (page, method, path, body) => page.evaluate(async ([how, where, what]) => {
  const { token } = await (await fetch('/api/session')).json();
  const answer = await fetch(where, { method: how, headers: { 'X-Khuoi': token, 'Content-Type': 'application/json' }, body: what && JSON.stringify(what) });
  return { status: answer.status, text: await answer.text() };
}, [method, path, body]);

const draftSaved = (page) => page.waitForResponse((one) => one.request().method() === 'PUT' && /\/api\/drafts\/[0-9a-f]{32}$/.test(new URL(one.url()).pathname) && one.ok());
const paste = (field, text) => field.evaluate((element, pasted) => {
  element.focus();
  element.value = pasted;
  element.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));
  element.dispatchEvent(new Event('change', { bubbles: true }));
}, text);
const nameLine = (page) => page.locator('[data-reference$="/ho_ten"] input');
const isDocument = (page, xml) => page.evaluate((text) => !new DOMParser().parseFromString(text, 'text/xml').querySelector('parsererror'), xml);
const dossierOf = (page) => decodeURIComponent(new URL(page.url()).hash.split('/')[2]);

/** Pasted text loses what XML cannot hold and nothing else, in the field, in the draft and in the dossier. */
export async function pastedText(state) {
  const { browser, origin } = state;
  const page = await person(browser, origin, DESK);
  await login(page, origin, state, { pin: state.pin, phrase: state.phrase });
  await openForm(page, origin, 'ban_sao_ho_tich');
  await page.locator('[data-reference="/data/loai"] input[value=ks]').check(); // a draft opens where it was left, behind it
  const saved = draftSaved(page);
  await paste(nameLine(page), PASTED);
  await saved;
  assert.equal(await nameLine(page).inputValue(), KEPT, 'the field shows what is kept');
  await page.waitForFunction(() => location.hash.includes('draft='));
  const draft = /draft=([0-9a-f]{32})/.exec(page.url())[1];
  const kept = JSON.parse((await ask(page, 'GET', `/api/drafts/${draft}`)).text);
  assert.ok(await isDocument(page, kept.xml), 'the draft is a document');
  assert.ok(kept.xml.includes('Nông Thị Dán Keo'));
  await page.setViewportSize({ width: 360, height: 740 });
  await page.reload();
  await fillToTheEnd(page, state.photo, ANSWERS);
  const xml = (await ask(page, 'GET', `/api/dossiers/${dossierOf(page)}/submission.xml`)).text;
  assert.ok(await isDocument(page, xml));
  assert.ok(xml.includes('>Nông Thị Dán Keo'), xml);
  assert.ok(xml.includes('>Nông Văn Hải<'), 'the other answers are there');
  expectRefusal('404 /api/drafts');
  assert.equal((await ask(page, 'GET', `/api/drafts/${draft}`)).status, 404, 'the draft went with the dossier');
  state.keeping = page;
  state.cleanDraft = kept;
}

/** Drafts of earlier versions: repaired where that can be; else kept, marked, and given out. */
export async function oldDrafts(state) {
  const { keeping: page, origin, cleanDraft } = state;
  await page.setViewportSize(DESK);
  const { form, version } = cleanDraft;
  const address = (draft) => `#/fill/${encodeURIComponent(`${form}~${version}`)}?draft=${draft}`;
  const put = async (draft, xml) => assert.equal((await ask(page, 'PUT', `/api/drafts/${draft}`, { form, version, label: 'Bản cũ', xml })).status, 200);
  const marked = cleanDraft.xml.replace('Nông Thị Dán', 'Nông\u0002 Thị\uFFFF Cũ');
  const browsers = '<parsererror xmlns="http://www.w3.org/1999/xhtml" style="display: block"><h3>This page contains the following errors:</h3></parsererror>';
  const stored = cleanDraft.xml.replace(/(<data[^>]*>)/, `$1${browsers}`);
  for (const [digit, xml, name] of [['1', marked, 'Nông Thị Cũ Keo '], ['2', stored, KEPT]]) {
    await put(digit.repeat(32), xml);
    await goTo(page, origin, '#/');
    await goTo(page, origin, address(digit.repeat(32)));
    await nameLine(page).waitFor();
    assert.equal((await nameLine(page).inputValue()).trim(), name.trim(), 'a repaired draft has its answers');
    assert.equal((await ask(page, 'DELETE', `/api/drafts/${digit.repeat(32)}`)).status, 200);
  }
  const broken = '<data><ho_ten>Nông Thị Vỡ</ho';
  await put('3'.repeat(32), broken);
  await page.setViewportSize({ width: 360, height: 740 });
  await goTo(page, origin, '#/');
  documentIsBroken(true);
  await goTo(page, origin, address('3'.repeat(32)));
  await page.getByText('Bản làm dở vẫn được giữ nguyên trên máy, không mất gì.').waitFor();
  documentIsBroken(false);
  await inspect(page, 'draft-unopened');
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test=save-answers]').click()]);
  assert.equal(fs.readFileSync(await download.path(), 'utf8'), broken, 'what was filled in can be taken away');
  await page.getByRole('link', { name: 'Trang đầu' }).last().click();
  await page.locator('.draft', { hasText: 'Chưa mở được bản làm dở này' }).waitFor();
  assert.equal(JSON.parse((await ask(page, 'GET', `/api/drafts/${'3'.repeat(32)}`)).text).xml, broken, 'looking changed nothing');
  assert.equal((await ask(page, 'DELETE', `/api/drafts/${'3'.repeat(32)}`)).status, 200);
}

/** What reads back otherwise than it was sent is a draft again, files and all. */
export async function readBack(state) {
  const { keeping: page, origin } = state;
  await goTo(page, origin, '#/');
  await openForm(page, origin, 'ban_sao_ho_tich');
  await page.route('**/submission.xml*', (route) => route.fulfill({ status: 200, contentType: 'text/xml', body: '<data><ho_ten>Khác</ho_ten></data>',
    headers: { 'Content-Security-Policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" } }));
  await assert.rejects(fillToTheEnd(page, state.photo, { ...ANSWERS, ho_ten: 'Nông Thị Đọc Lại' }), /không giống phiếu đã điền/);
  await page.unroute('**/submission.xml*');
  await quiet(page);
  const drafts = JSON.parse((await ask(page, 'GET', '/api/drafts')).text);
  const again = drafts.find((one) => JSON.stringify(one).includes('ban_sao_ho_tich'));
  assert.ok(again, 'the draft is on the box again');
  await page.waitForFunction(async (draft) => (await (await fetch(`/api/drafts/${draft}`)).json()).files?.length === 2, again.draft);
  const whole = JSON.parse((await ask(page, 'GET', `/api/drafts/${again.draft}`)).text);
  assert.ok(whole.xml.includes('Nông Thị Đọc Lại'));
  await page.locator('[data-test=send]').click(); // the box knows it already: the same dossier, once
  await page.locator('[data-test=number]').waitFor();
}

/** Log out: this browser; lock: everybody's keys. */
export async function outAndLocked(state) {
  const { keeping: page, browser, origin } = state;
  const other = await person(browser, origin);
  await login(other, origin, state, { pin: state.pin });
  await goTo(page, origin, '#/');
  await button(page, 'Đăng xuất').click();
  await page.getByRole('link', { name: 'Mở khóa', exact: true }).first().waitFor();
  assert.equal((await ask(other, 'GET', '/api/dossiers')).status, 200, 'another browser goes on');
  await login(page, origin, state, { pin: state.pin });
  await button(page, 'Khóa máy').click();
  await page.locator('dialog').getByText('mã PIN không mở được').waitFor();
  await inspect(page, 'lock-asked', { only: '360' });
  expectRefusal('403 /api/');
  await page.locator('dialog').getByRole('button', { name: 'Khóa máy' }).click();
  await page.getByRole('link', { name: 'Mở khóa', exact: true }).first().waitFor();
  assert.equal((await ask(other, 'GET', '/api/dossiers')).status, 403, 'every browser is out');
  const pin = await ask(other, 'POST', '/api/login', { person: 'Triệu Văn Sìu', pin: state.pin });
  assert.equal(pin.status, 403, 'no PIN opens it');
  assert.equal(JSON.parse(pin.text).error, 'locked');
  await other.context().close();
  await goTo(page, origin, '#/login');
  await page.getByRole('button', { name: /Triệu Văn Sìu/ }).click();
  await page.getByLabel(/Câu mở khóa của/).waitFor();
  // Phones write capitals, and half of the people no marks.
  await login(page, origin, state, { phrase: state.phrase.normalize('NFD').replace(/\p{Mn}/gu, '').replace(/đ/g, 'd').toUpperCase() });
}

/** A draft of somebody who was logged in, after a power cut: kept, said so, and opened by the phrase. */
export async function keptOverAPowerCut(state) {
  const { keeping: page, origin } = state;
  await page.setViewportSize(DESK);
  await openForm(page, origin, 'ban_sao_ho_tich');
  const saved = draftSaved(page);
  await nameLine(page).fill('Nông Thị Mất Điện');
  await saved;
  await page.waitForFunction(() => location.hash.includes('draft='));
  const here = new URL(page.url()).hash;
  await goTo(page, origin, '#/');
  await page.setViewportSize({ width: 360, height: 740 });
  boxIsAway(true);
  await world.power_cut();
  await page.reload();
  boxIsAway(false);
  await page.locator('[data-test=drafts-closed]', { hasText: 'bản làm dở được giữ trên máy' }).waitFor();
  await page.locator('[data-test=drafts-kept]').waitFor();
  assert.equal(await page.getByText('Mất Điện').count(), 0, 'whose it is is not told');
  await inspect(page, 'home-locked-with-a-draft');
  expectRefusal('403 /api/drafts');
  await goTo(page, origin, here);
  await page.getByText('Bản làm dở vẫn được giữ trên máy, không mất gì.').waitFor();
  assert.equal(await page.getByText('Không tìm thấy').count(), 0);
  await inspect(page, 'draft-closed');
  await page.getByRole('link', { name: 'Mở khóa để làm tiếp' }).click();
  await page.getByRole('button', { name: /Triệu Văn Sìu/ }).click();
  await page.getByLabel(/Câu mở khóa của/).fill(state.phrase);
  await button(page, 'Mở khóa').click();
  await page.locator('[data-test=next]').waitFor(); // it is open again, at the address it had
  assert.ok(new URL(page.url()).hash.includes(/draft=[0-9a-f]{32}/.exec(here)[0]));
  await page.setViewportSize(DESK);
  assert.equal(await nameLine(page).inputValue(), 'Nông Thị Mất Điện');
  await page.context().close();
}
