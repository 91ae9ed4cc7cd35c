// Types into a form as a person does while the box is killed under the page. Started by tests/e2e/campaign_counter_kill.py:
// node kill.mjs ORIGIN KILLS.
import assert from 'node:assert/strict';
import { end } from './alone.mjs';
import { boxIsAway, goTo, launch, person } from './browser.mjs';
import { openForm } from './story_people.mjs';
import { world } from './world.mjs';

const [origin, kills] = [process.argv[2], Number(process.argv[3])];
let seed = Number(process.env.KHUOI_SEED ?? 1);
/** 0 <= x < 1, the same for the same seed (Park and Miller, CACM 1988). */
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;

// Fields of thuong_tru and the like would do as well; these are typed as text, in the order of the form.
const FIELDS = ['ho_ten', 'cccd', 'ngay_sinh', 'sdt', 'nguoi', 'nam_dk', 'noi_dk'];
const words = (round) => ({ ho_ten: `Nông Thị ${'Mỷ'.repeat(1 + (round % 5))}`, cccd: String(19185000000 + round).padStart(12, '0'),
  ngay_sinh: '02/11/1985', sdt: `03784${String(51200 + round).padStart(5, '0')}`, nguoi: 'Nông Văn Hải', nam_dk: '2011', noi_dk: 'Xã Sảng Mộc' });
const line = (page, field) => page.locator(`[data-reference$="/${field}"] input`).first();
const read = async (page) => Object.fromEntries(await Promise.all(FIELDS.map(async (field) => [field, await line(page, field).inputValue()])));

/** Types until told to stop; gives the fields that were left, and the one that was not. */
async function type(page, wanted, stopped) {
  const left = [];
  for (const field of FIELDS) {
    await line(page, field).click(); // leaves the one before
    for (const letter of wanted[field]) {
      if (stopped()) return { left, typing: field };
      await page.keyboard.type(letter);
      await page.waitForTimeout(20 + random() * 100); // a thumb's pace
    }
    left.push(field);
  }
  return { left, typing: null };
}

/** One death. The box goes away at a random letter; `phoneToo`: and the page with it, before it can do anything more. */
async function die(browser, round, phoneToo) {
  const page = await person(browser, origin, { width: 1280, height: 900 });
  const wanted = words(round);
  await openForm(page, origin, 'ban_sao_ho_tich');
  let letters = 1 + Math.floor(random() * FIELDS.reduce((sum, field) => sum + wanted[field].length, 0));
  boxIsAway(true);
  const { left, typing } = await type(page, wanted, () => (letters -= 1) < 0);
  const context = page.context();
  const address = page.url();
  // The address has no draft in it while the box has none yet: then nothing but the first field can be lost. What was
  // left a moment ago may be on its way still: it may lack its last letters, and nothing before it may.
  const onItsWay = phoneToo ? left.pop() : undefined;
  if (phoneToo) await Promise.all([world.kill(), page.close({ runBeforeUnload: false })]);
  else await world.kill();
  await world.start();
  let after = page;
  if (phoneToo) {
    after = await context.newPage();
    await after.goto(`${origin}/`);
    const draft = after.getByRole('link', { name: 'Làm tiếp' });
    await after.locator('.doors').waitFor();
    if (left.length === 0 && !(await draft.first().isVisible().catch(() => false))) await after.waitForTimeout(500);
    if (left.length === 0 && !(await draft.count())) return void (await context.close());
    await draft.first().click();
  } else {
    await page.locator('[data-kept=saved]').waitFor();
    await page.waitForFunction(() => location.hash.includes('draft='));
    const held = await page.evaluate(() => location.hash);
    assert.match(held, /draft=/, `the address after ${address}`);
    await page.reload();
  }
  boxIsAway(false);
  await line(after, FIELDS[0]).waitFor();
  const found = await read(after);
  for (const field of left) assert.equal(found[field], wanted[field], `${field} was lost; ${typing} was being typed`);
  if (onItsWay && found[onItsWay] !== wanted[onItsWay]) {
    assert.ok(wanted[onItsWay].startsWith(found[onItsWay]), `${onItsWay} became ${found[onItsWay]}`);
    cutShort += 1;
  }
  if (typing && !phoneToo) assert.ok(wanted[typing].startsWith(found[typing]), `${typing} became ${found[typing]}`);
  await context.close();
}

const browser = await launch();
let lost = 0;
let cutShort = 0;
for (let round = 0; round < kills; round++) {
  const phoneToo = round % 2 === 0;
  try {
    await die(browser, round, phoneToo);
  } catch (error) {
    lost += 1;
    boxIsAway(false);
    console.log(`kill ${round + 1}${phoneToo ? ', with the phone' : ''}: ${String(error.stack ?? error).split('\n').slice(0, 6).join('\n     ')}`);
    if (lost > 5) break;
  }
}
assert.equal(await world.submissions(), 0, 'nothing was handed in by itself');
console.log(`${kills} kills, ${lost} with a loss; ${cutShort} times the field left a moment before lacked its end`);
await end(browser, lost > 0);
