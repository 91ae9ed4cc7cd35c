// ODK's own 52 forms, published by the commune: each that the engine opens is filled in and sent, question by question;
// for each of the others the page says why it cannot.
import assert from 'node:assert/strict';
import path from 'node:path';
import { expectRefusal, faults, goTo, person } from './browser.mjs';
import { fillToTheEnd, makePhoto } from './filler.mjs';
import { inspect } from './inspect.mjs';
import { login } from './story_dossier.mjs';
import { world } from './world.mjs';

/** Of forms whose questions want a certain answer: what to give, by the last part of the path; null leaves it out. */
const ANSWERS = {};

export async function publicForms(state) {
  const { browser, origin } = state;
  const page = await person(browser, origin);
  const manifest = await world.public_forms();
  await world.fiber_up();
  state.photo ??= await makePhoto(page, 'Ảnh');
  await login(page, origin, state, { pin: state.pin, phrase: state.phrase }); // of what somebody logged in could not open the box takes note
  await goTo(page, origin, '#/new');
  expectRefusal('404 /api/forms/'); // media that were never published
  const sent = [];
  let refused = 0;
  for (const { file, says } of manifest) {
    const began = Date.now();
    try {
      const key = await published(page, origin, file);
      await goTo(page, origin, `#/fill/${encodeURIComponent(key)}`);
      if (says.startsWith('opens')) {
        if (file.includes('background-audio')) {
          await page.getByText('Mẫu này muốn ghi âm trong lúc điền.').waitFor(); // before the first answer
          await inspect(page, 'form-warning', { anyWords: true });
        }
        await fillToTheEnd(page, state.photo, ANSWERS[file] ?? {}, () => showControl(page));
        sent.push(decodeURIComponent(new URL(page.url()).hash.split('/')[2]));
      } else {
        await page.getByRole('heading', { name: 'Không mở được mẫu này' }).waitFor();
        if (refused++ === 0) {
          await inspect(page, 'form-refused', { anyWords: true });
          await page.getByRole('button', { name: 'Báo xã' }).click();
          await page.getByText('Đã ghi tin báo xã').waitFor();
          const told = await page.evaluate(async () => (await (await fetch('/api/messages')).json()).map(({ text }) => text));
          assert.ok(told.some((text) => text.includes(key.split('~')[0])), `the commune is told of ${key}: ${told}`);
        }
        const why = await page.locator('.notice-bad .small').textContent();
        assert.ok(why.trim().length > key.length, `the page says why: ${why}`);
        const known = await problemKnown(page, key);
        assert.ok(known && why.includes(known.slice(0, 40)), `the box knows why ${key} is refused: ${known}`);
      }
    } catch (error) {
      faults.push(`${file} (${says}): ${String(error).split('\n').slice(0, 4).join(' | ')} on: ${await screenText(page)}`);
    }
    if (Date.now() - began > 10_000) console.log(`${file} took ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
  console.log(`public forms: ${sent.length} filled in and sent, ${refused} refused with a reason, of ${manifest.length}`);
  const there = new Set((await world.hamlet_list()).map(({ id }) => id));
  for (const id of sent) if (!there.has(id)) faults.push(`the hamlet has no dossier ${id}`);
  await page.context().close();
}

/** A range, a rank and a place: given by touch, refused while they are missing, and in the XML as they were given. */
export async function controls(state) {
  const { browser, origin } = state;
  const page = await person(browser, origin);
  await world.fiber_up();
  await goTo(page, origin, '#/new');
  const key = await published(page, origin, path.join(import.meta.dirname, 'controls.xml'));
  await goTo(page, origin, `#/fill/${encodeURIComponent(key)}`);
  const next = page.locator('[data-test=next]');
  await page.getByText('Chưa chọn').waitFor();
  await next.click();
  await page.getByText('Mục này phải điền.').waitFor();
  for (let press = 0; press < 4; press++) await page.getByRole('button', { name: 'Thêm', exact: true }).click();
  await page.locator('output', { hasText: '6' }).waitFor();
  await page.getByRole('button', { name: 'Bớt', exact: true }).click();
  await page.locator('output', { hasText: '4' }).waitFor();
  await inspect(page, 'control-range', { only: '360' });
  await next.click();
  await page.getByRole('button', { name: 'Bắt đầu xếp' }).click();
  await page.getByRole('button', { name: 'Đưa Nước lên' }).click();
  await inspect(page, 'control-rank', { only: '360' });
  await next.click();
  const [north, east] = [page.getByLabel('Vĩ độ'), page.getByLabel('Kinh độ')];
  await north.fill('121,5');
  await east.fill('105,987');
  await east.blur();
  await page.getByText('Vĩ độ từ −90 đến 90').waitFor();
  await north.fill('21.987, 105.987'); // as a map gives it
  await north.blur();
  await page.getByText('Vĩ độ từ −90 đến 90').waitFor({ state: 'hidden' });
  await inspect(page, 'control-place', { only: '360' });
  await next.click();
  await page.locator('[data-test=send]').click();
  await page.locator('[data-test=number]').waitFor();
  const id = decodeURIComponent(new URL(page.url()).hash.split('/')[2]);
  const { xml } = await world.arrived(id);
  assert.match(xml, /<nuoc>4<\/nuoc><uu_tien>duong nuoc dien<\/uu_tien><cho>21\.987 105\.987/);
  await page.context().close();
}

/** A picture of each kind of control that the program's own forms do not use. */
const CONTROLS = { points: 'textarea[rows="5"][aria-describedby*="-form"]', file: 'input[type=file]:not([accept^=image])', long: '[type=search]' };
const shown = new Set();
async function showControl(page) {
  for (const [name, selector] of Object.entries(CONTROLS)) {
    if (shown.has(name) || !(await page.locator(selector).count())) continue;
    shown.add(name);
    await inspect(page, `control-${name}`, { anyWords: true, only: '360' });
  }
}

const screenText = async (page) => (await page.locator('main, .page').first().innerText().catch(() => '')).replace(/\s+/g, ' ').slice(0, 300);

/** What the box knows of why a form cannot be shown. The page tells it beside showing it, so it may come a little later. */
async function problemKnown(page, key) {
  for (let tries = 0; tries < 50; tries++) {
    const { problem } = (await listed(page)).find((form) => form.key === key);
    if (problem) return problem;
    await page.waitForTimeout(100);
  }
  return null;
}

/** Publishes a form at the commune and waits until it came by fiber; gives its key. */
async function published(page, origin, file) {
  const before = new Set((await listed(page)).map(({ hash }) => hash));
  await world.publish(file);
  for (let tries = 0; tries < 300; tries++) {
    const fresh = (await listed(page)).find(({ hash }) => !before.has(hash));
    if (fresh) return fresh.key;
    await page.waitForTimeout(100);
  }
  throw new Error('it did not reach the hamlet');
}

const listed = (page) => page.evaluate(() => fetch('/api/forms').then((answer) => answer.json()));
