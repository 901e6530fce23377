// schema.mjs PROGRAM KNOWN GOLDENS - all that llmgw-wire hands out of recorded
// answers, and all that goldens say is handed out, is valid by the JSON Schema
// of OpenAI's chat completions, twice: as published, where other members are
// allowed, and closed, where only extensions that are documented are.
//
// KNOWN: see read.mjs. Recordings and schema are in $LLMGW_SHARED; GOLDENS is a
// folder of our own.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import Ajv2020 from 'ajv/dist/2020.js';

import { decode, load, parseLines, readKnown, recordings, report }
  from './corpus.mjs';

const [program, knownFile, ownGoldens] = process.argv.slice(2);
const shared = process.env.LLMGW_SHARED;
const CHATS = ['chat', 'messages', 'generateContent', 'responses', 'converse', 'invoke'];

const KINDS = {
  response: 'CreateChatCompletionResponse',
  chunk: 'CreateChatCompletionStreamResponse',
  error: 'ErrorResponse',
};

const text = { type: 'string' };
const list = { type: 'array', items: { type: 'object' } };
const object = { type: 'object' };
const number = { type: 'integer' };

/** What we add, and where; what services add to entries that are handed through
 *  stays. */
function extended(schema) {
  const wider = structuredClone(schema);
  const of = (name) => wider.$defs[name].properties;
  const message = of('ChatCompletionResponseMessage');
  const added = {
    reasoning_content: text,
    reasoning_details: list,
    images: list,
    extra_content: object,
    llmgw: object,
  };
  Object.assign(message, added);
  Object.assign(of('ChatCompletionStreamResponseDelta'), added,
    { annotations: message.annotations, audio: message.audio });
  for (const name of ['ChatCompletionMessageToolCall',
    'ChatCompletionMessageToolCallChunk'])
    of(name).extra_content = object;
  of('CreateChatCompletionResponse').llmgw = object;
  of('CreateChatCompletionStreamResponse').llmgw = object;
  of('CompletionUsage').completion_tokens_details.properties.image_tokens = number;
  of('ChatCompletionTokenLogprob').top_logprobs.items.additionalProperties = true;
  wider.$defs.ChatCompletionTokenLogprob.additionalProperties = true;
  message.annotations.items.properties.url_citation.additionalProperties = true;
  return wider;
}

function close(schema) {
  if (!schema || typeof schema !== 'object') return schema;
  Object.values(schema).forEach(close);
  if (schema.type === 'object' && schema.properties)
    schema.additionalProperties ??= false;
  return schema;
}

function validators(schema) {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ ...schema, $id: 'chat' });
  return Object.fromEntries(Object.entries(KINDS).map(([kind, name]) =>
    [kind, ajv.compile({ $ref: `chat#/$defs/${name}` })]));
}

const schema = load(path.join(shared, 'wire/openai-chat.schema.json'));
const checks = [validators(schema), validators(close(extended(schema)))];
const counts = { response: 0, chunk: 0, error: 0 };
const all = new Map();
const differing = new Map();

/** A value of one recording or golden; told is what is wrong first. */
function check(kind, value, id) {
  counts[kind]++;
  for (const validate of checks.map((kinds) => kinds[kind])) {
    if (validate(value)) continue;
    const [{ instancePath, message, params }] = validate.errors;
    const member = instancePath.split('/').findLast((name) => /\D/.test(name));
    const text = `${kind} ${instancePath} ${message} ${JSON.stringify(params)}`;
    differing.set(id, [...(differing.get(id) ?? []), [member, text]]);
    return;
  }
}

/** The cases of a golden, each with what it takes from the top. */
const casesOf = (golden) =>
  (golden.cases ?? [{}]).map((one) => ({ ...golden, ...one }));

function checkGolden(file) {
  const id = path.basename(file, '.json');
  all.set(id, file);
  for (const one of casesOf(load(file))) {
    for (const member of ['openai_response', 'openai_final'])
      if (one[member]?.object === 'chat.completion')
        check('response', anyCount(one[member]), id);
    for (const chunk of one.openai_chunks ?? []) check('chunk', chunk, id);
  }
}

/** "*" in a golden is any count. */
const anyCount = (value) => JSON.parse(JSON.stringify(value),
  (name, one) => (one === '*' && /_tokens$/.test(name) ? 0 : one));

function goldens(folder) {
  return fs.readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.json') && !name.startsWith('errors'))
    .map((name) => path.join(folder, name));
}

const paths = recordings(shared, (row) => CHATS.includes(row.endpoint_kind));
const files = [...paths.values()];
const asked = decode(program, files);
const streamed = decode(program, files, '--sse'); // whatever was recorded
for (const [id, file] of paths) {
  const values = parseLines(asked.get(file));
  const last = values.pop();
  if (last.unsupported) continue;
  all.set(id, file);
  if (last.response) check('response', last.response, id);
  for (const chunk of values) check('chunk', chunk, id);
  for (const [, data] of streamed.get(file).matchAll(/^data: (\{.*)$/gm)) {
    const value = JSON.parse(data);
    check(value.error ? 'error' : 'chunk', value, id);
  }
}
for (const folder of [path.join(shared, 'wire/golden'), ownGoldens])
  goldens(folder).forEach(checkGolden);
console.log(`schema: ${counts.response} responses, ${counts.chunk} chunks, ` +
  `${counts.error} errors`);
report('schema', all, differing, readKnown(knownFile, 'schema'));
