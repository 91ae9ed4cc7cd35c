// Who works at the desk: an administrator opens accounts, people come in with phrases of their own, and the log keeps it all.
import assert from 'node:assert/strict';
import { expectRefusal, goTo, LAPTOP } from './browser.mjs';
import { button, colleague, logIn, look, offered } from './desk_shell.mjs';
import { world } from './world.mjs';

const CLERK = { name: 'Nguyễn Thị Thu', roles: ['Một cửa: hồ sơ giấy tờ'] };
const SECOND_CLERK = { name: 'Hoàng Văn Nam', roles: ['Một cửa: hồ sơ giấy tờ'] };
const HEALTH = { name: 'Bàn Thị Liều', roles: ['Y tế: hồ sơ sức khỏe'] };
export const UNIT = '000.00.12.H56';

const card = (page, who) => page.locator(`.account[data-account="${who.name}"]`);

/** The administrator comes in, and says from what official codes are made. */
export async function unitCodeSet(state) {
  const { admin: page, origin } = state;
  await page.setViewportSize(LAPTOP);
  state.administrator = await world.admin();
  await goTo(page, origin, '#/');
  await page.getByRole('heading', { name: 'Chọn tên của mình' }).waitFor();
  await look(page, 'desk-login');
  await logIn(page, origin, state.administrator);
  await look(page, 'desk-today-administrator');
  await page.getByRole('link', { name: 'Tài khoản' }).click();
  const unit = page.locator('[data-test=unit]');
  expectRefusal('400 /api/desk/unit');
  await unit.getByLabel(/^Mã đơn vị/).fill('mã của xã');
  await unit.getByRole('button', { name: 'Lưu' }).click();
  await unit.locator('.notice-bad').waitFor();
  await unit.getByLabel(/^Mã đơn vị/).fill(UNIT);
  await unit.getByRole('button', { name: 'Lưu' }).click();
  await unit.getByText('Đã lưu mã đơn vị.').waitFor();
  assert.match(await unit.locator('[data-test=example]').innerText(), /^000\.00\.12\.H56-\d{6}-0001$/, 'what a code will look like');
}

/** Two clerks and a health account, each with a phrase that the administrator hands over. */
export async function accountsOpened(state) {
  const { admin: page } = state;
  for (const who of [CLERK, SECOND_CLERK, HEALTH]) {
    await button(page, 'Mở tài khoản').click();
    const form = page.locator('[data-test=account-add]');
    await form.getByLabel('Họ tên').fill(who.name);
    for (const role of who.roles) await form.getByLabel(role).check();
    who.phrase = await offered(page);
    if (who === CLERK) await look(page, 'desk-account-add');
    await form.getByRole('button', { name: 'Mở tài khoản' }).click();
    await page.getByText(`Đã mở tài khoản ${who.name}.`).waitFor();
    await card(page, who).waitFor();
  }
  expectRefusal('409 /api/accounts');
  await button(page, `Đóng tài khoản ${state.administrator.name}`).click();
  await page.locator('dialog').getByRole('button', { name: 'Đóng tài khoản' }).click();
  await page.locator('.account .notice-bad').waitFor(); // the last administrator stays
  await look(page, 'desk-accounts');
  Object.assign(state, { clerkAccount: CLERK, secondClerk: SECOND_CLERK, healthAccount: HEALTH });
}

/** The clerk's first login, in a browser of their own: a phrase that nobody else knows, then a PIN for every day. */
export async function firstLogin(state) {
  const { origin } = state;
  const page = (state.clerk = await colleague(state));
  const handedOver = CLERK.phrase;
  assert.equal(await logIn(page, origin, CLERK), true, 'a phrase that somebody else made is changed first');
  assert.notEqual(CLERK.phrase, handedOver);
  assert.equal(await page.getByRole('link', { name: 'Tài khoản' }).count(), 0, 'a clerk decides about no accounts');
  await page.getByRole('link', { name: 'Đặt mã PIN mới' }).click();
  await button(page, 'Đặt mã PIN mới').click();
  await page.getByLabel('Mã PIN (4 đến 8 số)').fill('2468');
  await page.getByLabel('Nhập lại mã PIN').fill('2468');
  await look(page, 'desk-mine');
  await button(page, 'Lưu').click();
  await page.getByText('Đã đặt mã PIN.').waitFor();
  await page.getByRole('button', { name: /Đăng xuất/ }).click();
  await page.getByRole('button', { name: new RegExp(CLERK.name) }).click();
  for (const digit of '2468') await page.keyboard.press(digit);
  await button(page, 'Vào').click();
  await page.getByRole('heading', { name: 'Việc hôm nay' }).waitFor();
  await goTo(page, origin, '#/audit');
  await page.getByText('Trang này chỉ dành cho người quản trị.').waitFor();
  assert.equal(await page.evaluate(() => fetch('/api/desk/audit').then(({ status }) => status)), 403, 'the box refuses it too');
}
expectRefusal('403 /api/desk/audit');

/** Everything that was done stands in the log, and the log is whole. */
export async function logOfActs(state) {
  const { admin: page, origin } = state;
  await goTo(page, origin, '#/audit');
  await page.locator('.table tbody tr').first().waitFor();
  await button(page, 'Kiểm tra nhật ký').click();
  await page.locator('[data-test=verdict]', { hasText: 'Nhật ký liền mạch' }).waitFor();
  await look(page, 'desk-audit');
  await page.getByLabel('Ai', { exact: true }).fill(CLERK.name);
  for (const [what, words] of [['state', 'chuyển tình trạng'], ['note', 'ghi chú'], ['call', 'gọi xóm'], ['charge', 'giao phụ trách']]) {
    await page.getByLabel('Việc').selectOption(what);
    await button(page, 'Lọc').click();
    await page.waitForFunction((only) => {
      const all = [...document.querySelectorAll('.table tbody tr')];
      return all.length > 0 && all.every((one) => one.dataset.what === only);
    }, what);
    const row = page.locator('.table tbody tr').first();
    await row.getByText(words, { exact: true }).waitFor();
    await row.getByText(CLERK.name).first().waitFor();
  }
  await page.getByLabel('Việc').selectOption('state');
  await page.getByLabel('Mã tra cứu hồ sơ, hay tên').fill(state.dossier.id);
  await button(page, 'Lọc').click();
  await page.waitForFunction(() => document.querySelectorAll('.table tbody tr').length === 4);
  const details = await page.locator('.table tbody tr td:nth-child(6)').allInnerTexts();
  assert.deepEqual(details, ['Đã trả kết quả', 'Đã xử lý xong', 'Đang xử lý', 'Được tiếp nhận'], 'newest first');
}

/** Who leaves hands over: the dossiers in their charge go to a colleague, and nobody logs in by that name any more. */
export async function closedWithHandingOver(state) {
  const { admin: page, origin } = state;
  await goTo(page, origin, '#/accounts');
  await card(page, SECOND_CLERK).getByText(`phụ trách ${state.handedOver} hồ sơ`).waitFor();
  await button(page, `Đóng tài khoản ${SECOND_CLERK.name}`).click();
  const ask = page.locator('dialog');
  await ask.getByRole('combobox').selectOption(CLERK.name);
  await look(page, 'desk-account-close', { only: '1366' });
  await ask.getByRole('button', { name: 'Đóng tài khoản' }).click();
  await page.getByText(`Đã đóng tài khoản ${SECOND_CLERK.name}.`).waitFor();
  await card(page, SECOND_CLERK).waitFor({ state: 'detached' });
  const { clerk } = state;
  await goTo(clerk, origin, `#/dossiers?charge=${encodeURIComponent(CLERK.name)}`);
  for (const id of state.given) await clerk.locator(`.inbox-row[data-id="${id}"]`).waitFor();
}
