// A program on top of the TypeScript library, as a person might write one for Node.
//
//   node typescript_client.mjs LIBRARY WEB URL
//
// LIBRARY is the folder with the built library, WEB the one with the package ws. Reads commands
// from standard input, one JSON object a line, and writes what it is told, one JSON array a line.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [library, web, url] = process.argv.slice(2);
const { Account, Assistant } = await import(pathToFileURL(`${library}/index.js`).href);
const { WebSocket } = createRequire(`${web}/package.json`)('ws');

function tell(event, ...details) {
  console.log(JSON.stringify([event, ...details]));
}

const account = new Account({ server: url });
const assistant = new Assistant({ account, webSocket: (address) => new WebSocket(address) });

assistant.on('status', ({ status }) => tell('status', status));
assistant.on('frame', ({ frame, past }) => {
  if (past) tell('past', frame.seq);
  else if (frame.type === 'answer') tell('answer', frame.data.raw_text);
  else if (frame.type === 'said') tell('said', frame.message);
});
assistant.on('question', (ask) => ask && tell('question', ask.data.raw_text, ask.data.choices));
assistant.on('listen', () => tell('listen'));
assistant.on('sent', ({ text, status }) => tell('sent', text, status));
assistant.on('refused', ({ error, sent }) => tell('refused', error.code, sent?.text));
assistant.on('missed', () => tell('missed'));
assistant.on('signed-out', (reason) => tell('signed out', reason));

const commands = {
  async signIn({ username, password }) {
    try {
      await account.signIn({ username, password, client: 'a test' });
    } catch ({ name, status, code }) {
      tell('not signed in', name, status, code);
    }
  },
  start: () => assistant.start(),
  say: ({ text, reply }) =>
    void assistant.say(text, reply ? { answers: assistant.question.seq } : {}),
  cancel: () => assistant.cancel(),
  renew: async () => tell('renewed', (await account.renew()) === (await account.accessToken())),
  async me() {
    const { data } = await account.request('GET', '/api/me');
    tell('me', data.name, account.user === data.id);
  },
  async history() {
    const { frames } = await account.history({ limit: 200 });
    tell('history', frames.filter(({ frame }) => frame.type === 'said').map(({ frame }) => frame.message));
  },
  signOut: (o) => account.signOut(o),
  state() {
    const { status, question, working, pending } = assistant;
    tell('state', { status, question: question?.data.raw_text ?? null, working, pending: pending.length });
  },
  stop: () => assistant.stop(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: command, ...o } = JSON.parse(line);
  await commands[command](o);
}
assistant.stop();
