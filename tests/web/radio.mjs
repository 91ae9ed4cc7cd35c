// What a hamlet's pages say of its radio. Started by tests/e2e/radio_pages.py: node radio.mjs ORIGIN.
import assert from 'node:assert/strict';
import { alone } from './alone.mjs';
import { boxIsAway, goTo } from './browser.mjs';
import { inspect } from './inspect.mjs';
import { login } from './story_dossier.mjs';
import { world } from './world.mjs';

await alone(async (page, origin) => {
  const line = () => page.locator('[data-test=link]');
  const onItsWay = () => page.locator('[data-test=on-its-way]');

  /** A box that was started anew asks for the phrase. */
  async function startedAnew(who, work) {
    boxIsAway(true);
    const out = await work();
    await page.reload();
    await login(page, origin, who, { phrase: who.phrase });
    boxIsAway(false);
    return out;
  }

  const who = await world.who();
  await login(page, origin, who, { phrase: who.phrase });

  // All is well; the photos of what came by radio go another way.
  const photos = await world.two_photos();
  await goTo(page, origin, '#/');
  await line().getByText('Sóng radio tốt, không có gì chờ gửi').waitFor();
  await inspect(page, 'radio-home');
  await goTo(page, origin, `#/dossier/${photos}`);
  await onItsWay().getByText('Xã đã nhận bằng sóng; 2 ảnh, tệp sẽ đi bằng USB', { exact: true }).waitFor();
  await inspect(page, 'radio-dossier-photos');

  // The fiber is near: a dossier waits for it until somebody says otherwise.
  const clock = await startedAnew(who, () => world.fiber_is_near());
  const waits = await world.submit('waits', 3);
  await goTo(page, origin, `#/dossier/${waits}`);
  await onItsWay().getByText(`Đang chờ cáp quang, thường thông lúc ${clock}`).waitFor();
  await inspect(page, 'radio-dossier-waits');
  await goTo(page, origin, '#/');
  await line().getByText(`Đang chờ cáp quang, thường thông lúc ${clock}`).waitFor();
  await inspect(page, 'radio-home-waits');
  await goTo(page, origin, `#/dossier/${waits}`);
  await page.locator('[data-test=send-now]').click();
  await page.locator('[data-state=received]').first().waitFor();
  assert.equal(await onItsWay().count(), 0, 'what the commune has waits for nothing');

  // The modem is pulled out.
  await world.air_says('pull meo');
  const silent = await world.submit('silent', 4);
  await goTo(page, origin, '#/');
  await line().getByText('Bộ phát sóng radio đang bị rút ra').waitFor();
  await inspect(page, 'radio-home-modem');
  await goTo(page, origin, `#/dossier/${silent}`);
  await onItsWay().getByText('Đang chờ sóng: bộ phát đang bị rút ra').waitFor();
  await inspect(page, 'radio-dossier-modem', { only: '360' });
  await world.air_says('plug meo');

  // The hour is used up.
  const { until, last } = await startedAnew(who, () => world.hour_used_up());
  await goTo(page, origin, '#/');
  await line().getByText(`Sóng radio hết giờ phát cho đến ${until}`).waitFor();
  await inspect(page, 'radio-home-duty');
  await goTo(page, origin, `#/dossier/${last}`);
  await onItsWay().getByText('Đang chờ sóng: hết giờ phát cho đến').waitFor();
  await inspect(page, 'radio-dossier-duty', { only: '360' });
});
