// The other pages: messages, documents, phones, blanks, the other language, every control, the budget.
import assert from 'node:assert/strict';
import { expectRefusal, faults, goTo, person } from './browser.mjs';
import { inspect } from './inspect.mjs';
import { login } from './story_dossier.mjs';
import { focusKept } from './story_filling.mjs';
import { openForm } from './story_people.mjs';
import { world } from './world.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });

export async function messagesAndDocuments(state) {
  const { chiefPage: page, origin } = state;
  await page.reload(); // the power was cut meanwhile
  await login(page, origin, state.chief, { phrase: state.chief.phrase });
  const paper = await world.paper('huong-dan.txt', 'Hướng dẫn làm sổ hộ nghèo\n');
  await world.at_commune('document add', paper, '--title', 'Hướng dẫn rà soát hộ nghèo');
  await world.at_commune('message send', '--text', 'Thứ bảy có đoàn về khám, nhờ trưởng xóm báo bà con.', '--to', 'Khuổi Mèo');
  await goTo(page, origin, '#/messages');
  await page.getByText('Thứ bảy có đoàn về khám').waitFor();
  await page.getByLabel('Viết cho xã').fill('Xóm đã báo 40 hộ.');
  await button(page, 'Gửi').click();
  await page.locator('li.card', { hasText: 'Xóm đã báo 40 hộ.' }).locator('[data-state=received]').waitFor();
  await inspect(page, 'messages');
  await goTo(page, origin, '#/documents');
  const document = page.locator('article.card', { hasText: 'Hướng dẫn rà soát hộ nghèo' });
  const [file] = await Promise.all([page.waitForEvent('download'), document.getByRole('link', { name: 'Mở xem' }).click()]);
  assert.equal(await (await file.createReadStream()).toArray().then((all) => Buffer.concat(all).toString()), 'Hướng dẫn làm sổ hộ nghèo\n');
  await document.getByRole('button', { name: 'Tôi đã đọc' }).click();
  await document.getByText('Đã báo xã là đã đọc').waitFor();
  await focusKept(page, 'a document was read');
  await inspect(page, 'documents');
}

export async function blanks(state) {
  const { chiefPage: page, origin } = state;
  for (const id of ['ban_sao_ho_tich', 'thuong_tru']) {
    await goTo(page, origin, '#/new');
    await page.locator(`a[href*="/blank/${id}"]`).first().click();
    await page.locator('.blank-question').first().waitFor();
    if (id === 'ban_sao_ho_tich') {
      await inspect(page, 'blank');
      const sum = await page.locator('.blank-question', { hasText: 'Tổng số bản' }).innerText();
      assert.equal(sum.replace(/\(.*\)/, '').trim(), 'Tổng số bản: …………', 'a sum on a blank has nothing to sum');
    }
    await page.emulateMedia({ media: 'print' });
    await inspect(page, `blank-on-paper-${id}`, { only: 'paper' });
    await page.emulateMedia({ media: 'screen' });
  }
}

export async function otherPages(state) {
  const { chiefPage: page, origin } = state;
  await goTo(page, origin, '#/khong-co');
  await inspect(page, 'missing', { only: '360' });
}

/** At a commune the same program has a desk: it asks who is there at every address, and has no hamlet's routes. */
export async function atTheCommune(state) {
  const origin = await world.commune_page();
  const page = await person(state.browser, origin);
  for (const address of ['', '#/dossiers', '#/messages']) {
    await goTo(page, origin, address);
    await page.getByRole('heading', { name: 'Chọn tên của mình' }).waitFor();
    assert.equal(await page.getByText(/xóm Sảng Mộc/).count(), 0);
  }
  expectRefusal('501 /api/');
  const answers = await page.evaluate(async () => {
    const { token } = await (await fetch('/api/session')).json();
    const ask = (path, method = 'GET') => fetch(path, { method, headers: { 'X-Khuoi': token } }).then(({ status }) => status);
    return [await ask('/api/messages', 'POST'), await ask('/api/forms')];
  });
  assert.deepEqual(answers, [501, 501], 'a hamlet’s routes are refused at a commune');
  await page.context().close();
}

/** English by one press, kept through a reload, and Vietnamese again. */
export async function english(state) {
  const { browser, origin } = state;
  const page = await person(browser, origin);
  await goTo(page, origin, '#/');
  await button(page, 'English').click();
  await page.getByText('New dossier').or(page.getByText('What do people need?')).first().waitFor();
  await inspect(page, 'home-in-english', { language: 'en' });
  await page.reload();
  await page.locator('html[lang=en]').waitFor();
  await openForm(page, origin, 'ban_sao_ho_tich');
  await page.getByText('Document to copy').first().waitFor();
  await inspect(page, 'fill-in-english', { language: 'en', only: '360' });
  await button(page, 'Tiếng Việt').click();
  await page.getByText('Loại giấy tờ cần bản sao').first().waitFor();
  await page.reload();
  await page.locator('html[lang=vi]').waitFor();
  await page.context().close();
}

const OCTETS_MAX = 380_000;

/** What an old phone pays for its first form: octets over the air, and the time its processor takes. */
export async function budget(state) {
  const { browser, origin } = state;
  const page = await person(browser, origin);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  let octets = 0;
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => (octets += encodedDataLength));
  const key = await (await fetch(`${origin.replace('khuoi.local', '127.0.0.1')}/api/forms`)).json()
    .then((all) => all.find(({ id, newest }) => id === 'ban_sao_ho_tich' && newest).key);
  const began = Date.now();
  await page.goto(`${origin}/#/fill/${encodeURIComponent(key)}`);
  await page.locator('.question input').first().waitFor();
  const took = Date.now() - began;
  console.log(`first form usable: ${(octets / 1000).toFixed(1)} kB of at most ${OCTETS_MAX / 1000}; ` +
    `${(took / 1000).toFixed(2)} s with the CPU slowed 6 times (goal 2.5 s)`);
  if (octets === 0 || octets > OCTETS_MAX) faults.push(`the first form costs ${octets} octets, ${OCTETS_MAX} are allowed`);
  await page.context().close();
}
