// The world outside the browser: tests/e2e/pages.py holds the nodes, the stick and the commune's clerk. Every line on our
// standard output that begins with "ask " is a question to it, one JSON object; it answers with one line.
import readline from 'node:readline';

const lines = readline.createInterface({ input: process.stdin });
const waiting = [];
lines.on('line', (line) => {
  const { resolve, reject } = waiting.shift();
  const answer = JSON.parse(line);
  if ('failed' in answer) reject(new Error(answer.failed));
  else resolve(answer.value);
});

/** world.plug(), world.state(id, '--set', 'accepted'), ...: whatever pages.py has a function for. */
export const world = new Proxy({}, {
  get: (_, what) => (...rest) => new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    process.stdout.write(`ask ${JSON.stringify({ what, rest })}\n`);
  }),
});

export const over = () => lines.close();
