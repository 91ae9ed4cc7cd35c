// A script that tells one story in one page, from the browser's start to the exit code: node SCRIPT ORIGIN.
import { faults, launch, PATIENCE_MS, patiently, person } from './browser.mjs';
import { over } from './world.mjs';

/** Says what is wrong, closes the browser and ends the process; a browser that hangs does not keep it from ending. */
export async function end(browser, failed) {
  for (const fault of faults) console.log(`     ${fault}`);
  await patiently(browser.close(), 'the browser to close').catch((error) => console.log(`     ${error.message}`));
  over();
  process.exit(failed || faults.length ? 1 : 0);
}

/** Runs `story(page, origin)` in a person's own page. What the page showed is printed when it fails. */
export async function alone(story) {
  const origin = process.argv[2];
  const browser = await launch();
  const page = await person(browser, origin);
  let failed = false;
  try {
    await patiently(story(page, origin), 'the end of the story', 10 * PATIENCE_MS);
  } catch (error) {
    failed = true;
    console.log(`FAIL ${error.stack ?? error}`);
    console.log(await page.locator('body').innerText().catch(() => ''));
  }
  await end(browser, failed);
}
