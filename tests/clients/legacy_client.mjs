// A client as they were written for the original server, reduced to how it connects and talks.
//
//   node --experimental-websocket legacy_client.mjs URL NAME PASSWORD [--retry-ms 2000]
//   node --experimental-websocket legacy_client.mjs URL --token TOKEN
//
// Reads sentences from standard input, one a line, and writes what it sees, one JSON array a line.
// It knows what those clients knew and nothing more: messages have no `type`; unknown types and
// keys are skipped; only raw texts are shown; close 1000 means that the token is no good, and any
// other code means to try again, up to three times in a row.

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const MOST_ATTEMPTS = 3;
const REJECTED = 1000;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { token: { type: 'string' }, 'retry-ms': { type: 'string', default: '2000' } },
});
const [url, name, password] = positionals;

function tell(event, ...details) {
  console.log(JSON.stringify([event, ...details]));
}

async function signIn() {
  const answer = await fetch(`${url}/api/token`, {
    method: 'POST',
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: name, password }),
  });
  if (!answer.ok) {
    tell('not signed in', answer.status);
    return null;
  }
  return (await answer.json()).access;
}

const show = {
  ready: (frame) => tell('ready', frame.language),
  answer: ({ data }) => {
    const cards = data.cards?.map((card) => [card.raw_header, card.raw_subhead, card.raw_text]);
    tell('answer', data.raw_text, cards ?? null);
  },
  ask: ({ data }) => tell('ask', data.raw_text, data.choices),
  done: (frame) => tell('done', frame.require_input),
};

function talk(token) {
  let socket = null;
  let attempts = 0;
  let hasBeenConnected = false;

  function connect() {
    let over = false;
    attempts += 1;
    socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/assistant/`);
    socket.onopen = () => {
      attempts = 0;
      hasBeenConnected = true;
      socket.send(JSON.stringify({ type: 'authenticate', token }));
    };
    socket.onmessage = (event) => {
      const frame = JSON.parse(event.data);
      show[frame.type]?.(frame);
    };
    const end = (code) => {
      if (over) return;
      over = true;
      if (code === REJECTED) {
        tell('rejected');
        return;
      }
      tell('closed', code);
      if (hasBeenConnected && attempts < MOST_ATTEMPTS) {
        setTimeout(connect, Number(options['retry-ms']));
      }
    };
    socket.onclose = (event) => end(event.code);
    // A handshake that fails may be an error without a close.
    socket.onerror = () => setImmediate(() => socket.readyState === WebSocket.CLOSED && end(1006));
  }

  connect();
  createInterface({ input: process.stdin }).on('line', (message) => {
    socket.send(JSON.stringify({ message }));
  });
}

const token = options.token ?? (await signIn());
if (token !== null) talk(token);
