// Fills whatever form is on the screen the way a person would: looks at each question, gives an answer of its kind, goes on.

/** A real picture for photo questions: a JPEG that Chromium itself draws. width × height pixels of noise and a line of text. */
export async function makePhoto(page, text, width = 2400, height = 1800) {
  const base64 = await page.evaluate(async ([text, width, height]) => {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    const gradient = context.createLinearGradient(0, 0, width, height);
    gradient.addColorStop(0, '#d9c9a0');
    gradient.addColorStop(1, '#7d8f6a');
    context.fillStyle = gradient;
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#222';
    context.font = `${Math.floor(height / 12)}px sans-serif`;
    context.fillText(text, width / 12, height / 2);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
    const octets = new Uint8Array(await blob.arrayBuffer());
    let binary = '';
    for (const octet of octets) binary += String.fromCharCode(octet);
    return btoa(binary);
  }, [text, width, height]);
  return Buffer.from(base64, 'base64');
}

/** What to write into a line of text; later ones are tried when a form refuses the first. */
const LINES = ['Lý Thị Hoa', '019190001234', '0912345678', '5', '30', '2020', '10', '200', 'a@b.vn', 'abc', '1'];
const NUMBERS = ['5', '30', '2020', '019190001234', '0912345678', '1', '36', '110', '18', '0', '65', '1990'];

const TRIES_MAX = 14;

const tries = (list, attempt) => list[attempt % list.length];

/** Answers every question of the screen that has no answer yet, or (attempt > 0) that is refused. */
export async function answerScreen(page, photo, answers = {}, attempt = 0) {
  const questions = page.locator('.question');
  for (let index = 0; index < (await questions.count()); index++) {
    const question = questions.nth(index);
    if (attempt > 0 && !(await question.locator('.problem:visible').count())) continue;
    await answerQuestion(page, question, photo, answers, attempt);
  }
}

async function answerQuestion(page, question, photo, answers, attempt) {
  const reference = ((await question.getAttribute('data-reference')) ?? '').replace(/\[\d+\]/g, '');
  const wanted = answers[reference.split('/').pop()];
  const file = question.locator('input[type=file]');
  if (await file.count()) {
    if (wanted === null || (await question.locator('canvas, .file-name').count())) return;
    const accept = (await file.getAttribute('accept')) ?? '';
    const given = accept.startsWith('image') || accept.startsWith('*') || accept === ''
      ? { name: 'IMG_0001.jpg', mimeType: 'image/jpeg', buffer: photo }
      : { name: 'tep.bin', mimeType: accept.replace('*', 'mpeg'), buffer: Buffer.from('not a recording, but a file') };
    await file.setInputFiles(given);
    await question.locator('canvas, .photo .icon').first().waitFor();
    return;
  }
  const choices = question.locator('.choice input');
  const count = await choices.count();
  if (count) {
    if (wanted === null) return;
    if (typeof wanted === 'string') return question.locator(`.choice input[value="${wanted}"]`).check();
    if (attempt === 0 && (await question.locator('.choice input:checked').count())) return;
    return choices.nth(Math.min(attempt, count - 1)).check();
  }
  const start = question.locator('button:has-text("Bắt đầu xếp")');
  if (await start.count()) return start.click();
  const slider = question.locator('input[type=range]');
  if (await slider.count()) return question.getByRole('button').last().click();
  const lines = question.locator('input.input:not([readonly]), textarea:not([readonly])');
  for (let index = 0; index < (await lines.count()); index++) await answerLine(lines.nth(index), wanted, index, attempt);
}

async function answerLine(line, wanted, index, attempt) {
  if (wanted === null || (attempt === 0 && wanted === undefined && (await line.inputValue()) !== '')) return;
  const describedby = (await line.getAttribute('aria-describedby')) ?? '';
  const hint = await line.evaluate((element) => (element.getAttribute('aria-describedby') ?? '').split(/\s+/)
    .map((each) => document.getElementById(each)?.textContent ?? '').join(' ') + (element.labels?.[0]?.textContent ?? ''));
  const isList = await line.evaluate((element) => element.tagName === 'TEXTAREA' && element.rows === 5);
  const mode = await line.getAttribute('inputmode');
  let text = wanted;
  if (text === undefined) {
    if (/ngày\/tháng\/năm/.test(hint)) text = tries(['05111990', '20112026', '05112030'], attempt);
    else if (/tháng\/năm/.test(hint)) text = '11/1990';
    else if (/giờ:phút/.test(hint)) text = '07:30';
    else if (/Vĩ độ|Kinh độ/.test(hint) && mode === 'decimal') text = index === 0 ? '21,987' : '105,987';
    else if (isList && describedby.includes('-form')) text = '21.98, 105.98\n21.99, 105.98\n21.99, 105.99';
    else if (mode === 'numeric' || mode === 'decimal') text = tries(NUMBERS, attempt);
    else text = tries(LINES, attempt);
  }
  await line.fill('');
  await line.pressSequentially(text, { delay: 0 });
  await line.dispatchEvent('change');
}

/** From the first question to the slip. Throws with what the page says when it cannot get there. */
export async function fillToTheEnd(page, photo, answers = {}, onScreen = async () => undefined) {
  const SCREENS_MAX = 200;
  for (let step = 0; step < SCREENS_MAX; step++) {
    const next = page.locator('[data-test=next]');
    const send = page.locator('[data-test=send]');
    await next.or(send).first().waitFor();
    await onScreen(step);
    if (await send.count()) break;
    const before = await page.locator('[data-test=place]').textContent();
    await answerScreen(page, photo, answers);
    await next.click();
    // "Next" stays on a screen whose answers are refused, and shows what is wrong.
    for (let attempt = 1; attempt < TRIES_MAX && (await page.locator('.question .problem:visible').count()); attempt++) {
      await answerScreen(page, photo, answers, attempt);
    }
    if ((await next.count()) && (await page.locator('[data-test=place]').textContent()) === before) await next.click();
  }
  // The consent stands above the button.
  await answerScreen(page, photo, answers);
  await page.locator('[data-test=send]').click();
  const refused = page.locator('.notice-bad');
  const number = page.locator('[data-test=number]');
  await number.or(refused).first().waitFor();
  if (await refused.count()) throw new Error(`the form was not sent: ${(await refused.allTextContents()).join(' | ')}`);
  return (await number.textContent()).trim();
}
