// emit.mjs PROGRAM KNOWN - the official SDK of OpenAI reads what we send: every
// recorded answer, whatever it was recorded as, rendered as server-sent events
// by llmgw-wire. The SDK must add it up to our own final response, given the
// bytes whole and in slices of 7; and run tools with it where it calls some.
//
// KNOWN: see read.mjs. Recordings are in $LLMGW_SHARED/corpus.
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';

import { decode, parseLines, readKnown, recordings, report } from './corpus.mjs';
import { clientOf } from './sdk_openai.mjs';

const [program, knownFile] = process.argv.slice(2);
const CHATS = ['chat', 'messages', 'generateContent', 'responses', 'converse', 'invoke'];
const messages = [{ role: 'user', content: 'Hi' }];
const SLICE = 7;

const show = (value) => String(JSON.stringify(value)).slice(0, 160);

/** The bytes at once, or a few at a time. */
function served(text, slice) {
  const bytes = Buffer.from(text);
  const body = slice
    ? new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += slice)
            controller.enqueue(bytes.subarray(at, at + slice));
          controller.close();
        },
      })
    : bytes;
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** A stream begins with content "", and cannot take it back where a response
 *  has null. */
function asStreamed({ llmgw, ...response }) {
  for (const { message } of response.choices) message.content ??= '';
  return response;
}

/** What the SDK adds to a completion of its own. */
function withoutParsed(completion) {
  for (const { message } of completion.choices) {
    delete message.parsed;
    for (const call of message.tool_calls ?? [])
      delete call.function?.parsed_arguments;
  }
  return completion;
}

/** Added up by the SDK, but reasoning_content: of strings that it does not know
 *  it keeps the last piece, so that hosts add up deltas. */
async function addedUp(text, slice, choices) {
  const reasoning = {};
  const stream = clientOf(served(text, slice)).chat.completions.stream({
    model: 'm',
    messages,
    stream_options: { include_usage: true },
    ...(choices > 1 ? { n: choices } : {}),
  });
  stream.on('chunk', (chunk) => {
    for (const { index, delta } of chunk.choices)
      if (delta.reasoning_content)
        reasoning[index] = (reasoning[index] ?? '') + delta.reasoning_content;
  });
  const completion = withoutParsed(await stream.finalChatCompletion());
  for (const { index, message } of completion.choices)
    if (reasoning[index]) message.reasoning_content = reasoning[index];
  return completion;
}

/** Every member that is not the same: pairs of its name and a line. */
function* unlike(theirs, our, path = '') {
  const names = (value) => value && typeof value === 'object' ? Object.keys(value) : null;
  if (!names(theirs) || !names(our)) {
    if (!isDeepStrictEqual(theirs, our))
      yield [path.split('.').at(-1), `${path}: ${show(theirs)}, ours ${show(our)}`];
    return;
  }
  for (const name of new Set([...names(theirs), ...names(our)]))
    yield* unlike(theirs[name], our[name], `${path}.${name}`);
}

async function* completionDifferences(sse, response) {
  const our = asStreamed(response);
  for (const slice of [0, SLICE]) {
    try {
      yield* unlike(await addedUp(sse, slice, our.choices.length), our);
    } catch (problem) {
      yield ['end', `${problem.message} (slice ${slice})`];
    }
  }
}

/** An error of ours is thrown as one, with all its members. */
async function* errorDifferences(sse, error) {
  for (const slice of [0, SLICE]) {
    try {
      await addedUp(sse, slice, 1);
      yield ['end', `nothing was thrown for ${show(error)}`];
    } catch (problem) {
      for (const name of ['type', 'code', 'param'])
        if ((problem[name] ?? null) !== error[name])
          yield [name, `${name} ${show(problem[name])}, ours ${show(error[name])}`];
      if (!String(problem.message).includes(error.message))
        yield ['message', `${show(problem.message)}, ours ${show(error.message)}`];
    }
  }
}

const isJson = (text) => {
  try {
    return Boolean(JSON.parse(text));
  } catch {
    return false;
  }
};

/** One choice of function calls, whose arguments are JSON. */
function callsOf({ choices }) {
  const calls = choices[0].message.tool_calls ?? [];
  return choices.length === 1 && choices[0].finish_reason === 'tool_calls' &&
    calls.every((call) => call.type === 'function' && isJson(call.function.arguments))
    ? calls : [];
}

/** Two turns: the calls, then a plain answer to what the functions returned. */
async function* toolDifferences(sse, calls, plain) {
  const called = [];
  const client = clientOf(served(sse, SLICE), served(plain.sse, SLICE));
  const tools = [...new Set(calls.map((call) => call.function.name))].map((name) => ({
    type: 'function',
    function: {
      name,
      parse: JSON.parse,
      function: (args) => {
        called.push({ name, args });
        return `result ${called.length}`;
      },
      parameters: { type: 'object' },
    },
  }));
  const sent = [];
  const send = client.fetch;
  client.fetch = async (url, init) => {
    sent.push(JSON.parse(init.body));
    return send(url, init);
  };
  const runner = client.chat.completions.runTools({ model: 'm', messages, tools, stream: true });
  const content = await runner.finalContent();
  yield* unlike(called, calls.map((call) =>
    ({ name: call.function.name, args: JSON.parse(call.function.arguments) })), 'called');
  const results = (sent[1]?.messages ?? []).filter(({ role }) => role === 'tool');
  yield* unlike(results, calls.map((call, i) =>
    ({ role: 'tool', tool_call_id: call.id, content: `result ${i + 1}` })), 'results');
  yield* unlike(sent[1]?.messages[1].tool_calls.map(({ id }) => id),
    calls.map(({ id }) => id), 'history');
  if (content !== plain.content || sent.length !== 2)
    yield ['content', `${show(content)} after ${sent.length} requests`];
}

const paths = recordings(process.env.LLMGW_SHARED,
  (row) => CHATS.includes(row.endpoint_kind));
const files = [...paths.values()];
const ends = new Map([...decode(program, files)].map(([file, output]) =>
  [file, parseLines(output).at(-1)]));
const events = decode(program, files, '--sse');

/** An answer of nothing but text, for the second turn. */
function plainAnswer() {
  for (const [file, { response }] of ends) {
    const { content } = response?.choices[0].message ?? {};
    if (content && response.choices.length === 1 && !callsOf(response).length)
      return { content, sse: events.get(file) };
  }
}

const plain = plainAnswer();
const differing = new Map();
let errors = 0, runs = 0;
for (const [id, file] of paths) {
  const [end, sse] = [ends.get(file), events.get(file)];
  const found = [];
  if (end.unsupported) {
    paths.delete(id); // of a service that we do not speak to
  } else if (end.error) {
    const [, data] = /^data: (\{"error":.*)$/m.exec(sse);
    errors++;
    for await (const one of errorDifferences(sse, JSON.parse(data).error))
      found.push(one);
  } else {
    for await (const one of completionDifferences(sse, end.response))
      found.push(one);
    const calls = callsOf(end.response);
    if (calls.length) {
      runs++;
      for await (const one of toolDifferences(sse, calls, plain)) found.push(one);
    }
  }
  if (found.length) differing.set(id, found);
}
console.log(`emit: ${errors} errors thrown, tools run for ${runs} answers`);
report('emit', paths, differing, readKnown(knownFile, 'emit'));
