// A browser as a villager's: Debian's Chromium, at an address that is no secure context, and a watch over what it does.
import { chromium } from 'playwright-core';

/** Of what people brought, which never opens as a page of ours. */
const POLICY_BROUGHT = "default-src 'none'; frame-ancestors 'none'; sandbox";
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
export const PHONE = { width: 360, height: 740 };
export const LAPTOP = { width: 1366, height: 768 };
export const DESK = { width: 1920, height: 1080 };
export const PAPER = { width: 794, height: 1123 }; // A4 at 96 pixels an inch

export async function launch() {
  const flags = ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--disable-dev-shm-usage', '--host-resolver-rules=MAP khuoi.local 127.0.0.1'];
  if (process.getuid() === 0) flags.push('--no-sandbox');
  return chromium.launch({ executablePath: process.env.KHUOI_CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

/** What went wrong in any page, as sentences. Read and emptied by whoever checks. */
export const faults = [];

/** Failed answers that a test brings about on purpose: "403 /api/login". */
const expected = new Set();
export const expectRefusal = (...which) => which.forEach((one) => expected.add(one));
/** What a browser says of a document that a test broke on purpose: its own error in it has a style. */
let brokenDocument = false;
export const documentIsBroken = (is) => (brokenDocument = is);
/** The box is down on purpose: requests fail, and one that meets it started anew is refused until somebody logs in. */
let away = false;
export const boxIsAway = (is) => (away = is);

const words = (policy) => policy.split(';').map((part) => part.trim()).filter(Boolean);

/** Requests under way, by page; the event stream never ends and does not count. */
const underWay = new WeakMap();

/** How long we wait for what never seems to come, before we say what it is. */
export const PATIENCE_MS = Number(process.env.KHUOI_PATIENCE_MS ?? 60_000);

/** What `work` gives; an error that says what was waited for when patience is at its end. */
export async function patiently(work, waitedFor, patienceMs = PATIENCE_MS) {
  let timer;
  const atItsEnd = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patienceMs / 1000} s for ${waitedFor}`)), patienceMs);
  });
  return Promise.race([work, atItsEnd]).finally(() => clearTimeout(timer));
}

/** Waits until a page has got all it asked for. */
export async function quiet(page) {
  const open = underWay.get(page);
  const began = Date.now();
  for (let calm = 0; calm < 3; calm = open.size === 0 ? calm + 1 : 0) {
    if (Date.now() - began > PATIENCE_MS) {
      throw new Error(`${page.url()} still asks after ${PATIENCE_MS / 1000} s: ${[...open].map((one) => `${one.method()} ${one.url()}`).join(', ')}`);
    }
    await page.waitForTimeout(20);
  }
}

function watch(page, origin) {
  const open = new Set();
  underWay.set(page, open);
  page.on('request', (request) => request.url().endsWith('/api/events') || open.add(request));
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  page.on('framenavigated', () => open.clear());
  page.on('pageerror', (error) => faults.push(`an error in the page ${page.url()}: ${error.stack ?? error}`));
  page.on('console', (message) => {
    // Every failed answer is told twice; here it counts by its status, below.
    if (brokenDocument && /Applying inline style/.test(message.text())) return;
    if (message.type() === 'error' && !/Failed to load resource|net::ERR_/.test(message.text())) {
      faults.push(`the console of ${page.url()}: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('blob:')) {
      faults.push(`a request left the box: ${request.url()}`);
    }
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (!away && !/ERR_ABORTED/.test(why)) faults.push(`${request.method()} ${request.url()} failed: ${why}`);
  });
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (response.status() >= 400) {
      const known = [...expected].some((one) => {
        const [status, beginning] = one.split(' ');
        return Number(status) === response.status() && path.startsWith(beginning);
      });
      if (!known && !(away && response.status() === 403)) {
        faults.push(`${response.status()} for ${response.request().method()} ${path}, on ${page.url()}`);
      }
    }
    const policy = response.headers()['content-security-policy'];
    if (policy === undefined) faults.push(`no Content-Security-Policy with ${path}`);
    else if (policy !== POLICY_BROUGHT || !path.startsWith('/api/')) {
      const extra = words(policy).filter((part) => !words(POLICY).includes(part) &&
        !/^(frame-ancestors|base-uri|object-src) 'none'$|^form-action 'self'$/.test(part));
      const missing = words(POLICY).filter((part) => !words(policy).includes(part));
      if (extra.length || missing.length) faults.push(`the policy of ${path} is: ${policy}`);
    }
  });
}

/** A person's own browser: cookies of its own. */
export async function person(browser, origin, viewport = PHONE) {
  const context = await browser.newContext({ viewport, locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh', acceptDownloads: true });
  context.setDefaultTimeout(PATIENCE_MS);
  context.on('page', (page) => watch(page, origin));
  const page = await context.newPage();
  return page;
}

export const goTo = async (page, origin, hash) => {
  await page.goto(`${origin}/${hash}`);
  await page.locator('.page').first().waitFor();
};
