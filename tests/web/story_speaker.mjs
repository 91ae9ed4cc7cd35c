// The loudspeaker's page, read-aloud, a number called, an account for a phone.
import assert from 'node:assert/strict';
import { goTo } from './browser.mjs';
import { inspect } from './inspect.mjs';
import { world } from './world.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });

/** An announcement comes by fiber, is shown, and is heard when a person presses play: a WAV, as the box is set to keep each sound. */
export async function announced(state) {
  const { chiefPage: page, origin } = state;
  const text = 'Sáng thứ bảy, mời bà con tới nhà văn hóa xóm khám sức khỏe.';
  await goTo(page, origin, '#/announcements');
  await page.getByText('Xã chưa gửi thông báo nào.').waitFor();
  const before = await world.spoken();
  await world.at_commune('announce', '--text', text, '--class', 'routine', '--slot', 'noon');
  const card = page.locator('article.card', { hasText: 'Sáng thứ bảy' });
  await card.waitFor();
  await inspect(page, 'announcements');
  await card.getByRole('button', { name: 'Phát ngay' }).click();
  await card.locator('li').first().waitFor(); // "Đã phát ..."
  for (let tries = 0; tries < 300 && (await world.spoken()).length === before.length; tries++) await page.waitForTimeout(100);
  const spoken = (await world.spoken()).filter((name) => !before.includes(name));
  assert.ok(spoken.length > 0, 'nothing was heard');
  await inspect(page, 'announcement-played');
}

/** A question is read aloud by the box. */
export async function readAloud(state) {
  const { chiefPage: page, origin } = state;
  await goTo(page, origin, '#/announcements');
  const card = page.locator('article.card').first();
  const [sound] = await Promise.all([page.waitForResponse((answer) => answer.url().includes('/api/speech')),
    card.getByRole('button', { name: /Nghe đọc/ }).click()]);
  assert.equal(sound.status(), 200);
  assert.equal(sound.headers()['content-type'], 'audio/wav');
  await card.getByRole('button', { name: /Ngừng đọc|Nghe đọc/ }).waitFor();
  assert.equal(await page.getByText('Máy chưa đọc được câu này.').count(), 0, 'the browser refused the voice');
}

/** The loudspeaker says a dossier's number, never whose it is. */
export async function called(state) {
  const { chiefPage: page, origin, dossier } = state;
  await goTo(page, origin, `#/dossier/${dossier}`);
  const before = await world.spoken();
  await button(page, 'Gọi bằng loa').click();
  await inspect(page, 'call-asked', { only: '360' });
  await page.locator('dialog').getByRole('button', { name: 'Gọi bằng loa' }).click();
  await page.getByText(/Loa đang gọi số/).waitFor();
  for (let tries = 0; tries < 300 && (await world.spoken()).length === before.length; tries++) await page.waitForTimeout(100);
  assert.ok((await world.spoken()).length > before.length, 'no number was called');
}

/** An account for a phone: its QR once, then the list, then gone. */
export async function phones(state) {
  const { chiefPage: page, origin } = state;
  await goTo(page, origin, '#/phones');
  await page.getByText('Chưa có điện thoại nào.').waitFor();
  await page.getByLabel('Tên điện thoại hay người dùng').fill('Máy chị Mỷ');
  await button(page, 'Thêm điện thoại').click();
  const made = page.locator('[data-test=new-phone]');
  await made.waitFor();
  await made.getByText('may-chi-my').first().waitFor();
  await made.locator('svg.qr path').waitFor();
  await made.getByText('điện thoại chưa nối được vào máy').waitFor(); // this box answers on itself alone, and its code says so
  await inspect(page, 'phone-made');
  await made.getByRole('button', { name: 'Đóng' }).click();
  await inspect(page, 'phones');
  await page.getByRole('button', { name: 'Bỏ điện thoại này: may-chi-my' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Xóa' }).click();
  await page.getByText('Chưa có điện thoại nào.').waitFor();
}
