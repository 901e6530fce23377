// read.mjs PART PROGRAM KNOWN - the official SDK of a provider and llmgw-wire
// read the same recorded bytes, and must find the same in them.
//
// Text, reasoning, tool calls, finish, usage; of errors status, type, code and
// message. KNOWN lists those where we are right to differ, "part id members
// reason" a line; the list only shrinks. Recordings are in $LLMGW_SHARED/corpus.
import process from 'node:process';

import { differences } from './compare.mjs';
import { decode, load, ours, readKnown, recordings, report } from './corpus.mjs';

const parts = {
  chat: ['./sdk_openai.mjs', 'chat',
    (row) => row.endpoint_kind === 'chat' && ['openai', 'azure'].includes(row.provider)],
  compatible: ['./sdk_openai.mjs', 'compatible',
    (row) => row.endpoint_kind === 'chat' && !['openai', 'azure'].includes(row.provider)],
  responses: ['./sdk_openai.mjs', 'responses',
    (row) => row.endpoint_kind === 'responses'],
  messages: ['./sdk_anthropic.mjs', 'messages',
    (row) => row.endpoint_kind === 'messages'],
  gemini: ['./sdk_gemini.mjs', 'generateContent',
    (row) => row.endpoint_kind === 'generateContent'],
};

const [part, program, knownFile] = process.argv.slice(2);
const [module, name, belongs] = parts[part];
const read = (await import(module))[name];
const paths = recordings(process.env.LLMGW_SHARED, belongs);
const outputs = decode(program, [...paths.values()]);
const differing = new Map();
for (const [id, file] of paths) {
  const our = ours(outputs.get(file));
  if (our.end === 'unsupported') {
    paths.delete(id); // of a service that we do not speak to
    continue;
  }
  const found = [...differences(await read(load(file)), our)];
  if (found.length) differing.set(id, found);
}
report(part, paths, differing, readKnown(knownFile, part));
