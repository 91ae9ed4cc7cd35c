// The commune's desk in a real browser, against a real commune and its hamlets. Started by tests/e2e/desk.py: node desk.mjs
// ORIGIN. Each part is an act of one story, and stands on those before it.
import { alone } from './alone.mjs';
import { accountsOpened, closedWithHandingOver, firstLogin, logOfActs, unitCodeSet } from './desk_accounts.mjs';
import { answeredByKeys, called, conflictShown, noted, rejectedWithReason, slipPrinted } from './desk_dossier.mjs';
import { bulkActs, domainsApart, filtered, found, todaysCounts } from './desk_inbox.mjs';
import { budget, inEnglish, keysListed } from './desk_shell.mjs';

const parts = [unitCodeSet, accountsOpened, firstLogin, todaysCounts, found, answeredByKeys, slipPrinted, rejectedWithReason, noted, called,
  filtered, bulkActs, conflictShown, domainsApart, keysListed, logOfActs, closedWithHandingOver, inEnglish, budget];

await alone(async (page, origin) => {
  const state = { browser: page.context().browser(), origin, admin: page };
  for (const part of parts) {
    const began = Date.now();
    await part(state);
    console.log(`ok   ${part.name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  }
});
