// The pages in a real browser, against real nodes. Started by tests/e2e/pages.py: node pages.mjs ORIGIN.
// KHUOI_PARTS=firstStart,enrolByStick,publicForms runs these parts alone; most stand on those before them.
import path from 'node:path';
import { end } from './alone.mjs';
import { faults, launch, PATIENCE_MS, patiently } from './browser.mjs';
import { screens } from './inspect.mjs';
import { answered, birthCopy, edited, quarrelled, stickRound, unlocked, withdrawn } from './story_dossier.mjs';
import { papersAsked, refusedOnScreen, reopened } from './story_filling.mjs';
import { accounts, draftsSurvive, healthApart, peopleLeave } from './story_people.mjs';
import { controls, publicForms } from './story_public.mjs';
import { keptOverAPowerCut, oldDrafts, outAndLocked, pastedText, readBack } from './story_keeping.mjs';
import { atTheCommune, blanks, budget, english, messagesAndDocuments, otherPages } from './story_rest.mjs';
import { announced, called, phones, readAloud } from './story_speaker.mjs';
import { enrolByStick, firstStart } from './story_start.mjs';

const origin = process.argv[2];
const parts = [firstStart, enrolByStick, refusedOnScreen, reopened, birthCopy, stickRound, answered, papersAsked, edited, quarrelled, withdrawn, unlocked, accounts,
  healthApart, peopleLeave, draftsSurvive, pastedText, oldDrafts, readBack, outAndLocked, keptOverAPowerCut, messagesAndDocuments, announced, readAloud, called, phones, blanks, otherPages, atTheCommune, english, budget, controls, publicForms];

const wanted = process.env.KHUOI_PARTS?.split(',');
const browser = await launch();

/** What every open page showed when something failed. */
async function pictures(name) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  for (const [index, page] of pages.entries()) {
    await page.screenshot({ path: path.join(screens, `${name}-${index}.png`), fullPage: true }).catch(() => undefined);
    console.log(`     page ${index} was at ${page.url()}`);
  }
}

let failed = false;
const state = { browser, origin };
for (const part of parts.filter(({ name }) => !wanted || wanted.includes(name))) {
  const began = Date.now();
  try {
    await patiently(part(state), 'the end of this part', 10 * PATIENCE_MS);
  } catch (error) {
    faults.push(`${part.name}: ${error.stack ?? error}`);
    await pictures(`failed-${part.name}`);
  }
  console.log(`${faults.length ? 'FAIL' : 'ok  '} ${part.name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  for (const fault of faults) console.log(`     ${fault}`);
  failed ||= faults.length > 0;
  const goesOn = faults.every((fault) => !fault.startsWith(`${part.name}: `));
  faults.length = 0;
  if (!goesOn) break; // what follows stands on it
}
console.log(`pictures of the pages: ${screens}`);
await end(browser, failed);
