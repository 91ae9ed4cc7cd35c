// Dossiers whose submissions name things otherwise than the form on this box: read and edited in a real browser.
// Started by tests/e2e/faults_dossiers.py: node faults_dossiers.mjs ORIGIN.
import assert from 'node:assert/strict';
import { alone } from './alone.mjs';
import { goTo } from './browser.mjs';
import { inspect } from './inspect.mjs';
import { login } from './story_dossier.mjs';
import { world } from './world.mjs';

await alone(async (page, origin) => {
  const { who, phrase, dossiers } = await world.to_edit();
  await login(page, origin, { name: who }, { phrase });
  for (const { id, name, unknown } of dossiers) {
    await goTo(page, origin, `#/dossier/${id}`);
    await page.getByText(name, { exact: true }).first().waitFor();
    assert.equal(await page.getByText('bản mẫu mà máy chưa có').count(), unknown ? 1 : 0, `${name}: the mark of a form that is not here`);
    if (unknown) await inspect(page, 'dossier-form-unknown', { only: '360' });
    await page.setViewportSize({ width: 1280, height: 900 }); // before the form opens: a change of its layout takes the focus away
    await page.getByRole('link', { name: /Sửa|Bổ sung/ }).first().click();
    const box = page.locator('.fill-page [data-reference$="/ten"] input, .fill-page [data-reference$="/ten"] textarea').first();
    await box.waitFor();
    assert.equal(await box.inputValue(), name, 'the edit begins with what was handed in');
    await box.fill(`${name}, đã sửa`);
    await page.getByRole('button', { name: 'Lưu bản sửa', exact: true }).click();
    await page.locator('[data-test=number]').waitFor();
    await page.setViewportSize({ width: 360, height: 740 });
    await goTo(page, origin, `#/dossier/${id}`);
    await page.getByText(`${name}, đã sửa`, { exact: true }).first().waitFor();
  }
});
