// corpus.mjs - recorded exchanges, and what llmgw-wire makes of them.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Rows of the index that `belongs` takes: id -> path of the recording. */
export function recordings(shared, belongs) {
  const corpus = path.join(shared, 'corpus');
  const [head, ...lines] = fs
    .readFileSync(path.join(corpus, 'INDEX.tsv'), 'utf8')
    .trimEnd()
    .split('\n');
  const names = head.split('\t');
  const found = new Map();
  for (const line of lines) {
    const cells = line.split('\t');
    const row = Object.fromEntries(names.map((name, i) => [name, cells[i]]));
    if (belongs(row))
      found.set(row.id, path.join(corpus, row.provider, row.id + '.json'));
  }
  return found;
}

export const load = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

/** A recorded answer as fetch would hand it out. */
export function answerOf(recording) {
  const { status, headers, body_text, body_base64 } = recording.response;
  const body = Buffer.from(body_base64 ?? body_text, body_base64 ? 'base64' : 'utf8');
  const type = recording.transport === 'sse' ? 'text/event-stream' : 'application/json';
  const all = new Headers({ 'content-type': type });
  for (const [name, value] of Object.entries(headers ?? {}))
    all.set(name, String(value));
  return new Response(body, { status, headers: all });
}

/** path -> text printed for it by "llmgw-wire decode --exchange". */
export function decode(program, paths, ...options) {
  const found = new Map();
  for (let at = 0; at < paths.length; at += 100) {
    const some = paths.slice(at, at + 100);
    // two of one at the end: each is introduced by its name also when alone
    const args = ['decode', '--exchange', ...some, some[0], ...options];
    const out = execFileSync(program, args, { maxBuffer: 1 << 30 });
    for (const part of out.toString('utf8').split(/^\{"file":/m).slice(1)) {
      const end = part.indexOf('}\n');
      found.set(JSON.parse(part.slice(0, end)), part.slice(end + 2));
    }
  }
  return found;
}

/** Lines of JSON. */
export const parseLines = (text) =>
  text.split('\n').filter(Boolean).map((line) => JSON.parse(line));

export const callOf = (call) => ({
  id: call.id ?? null,
  name: (call.function ?? call.custom).name,
  args: (call.function ? call.function.arguments : call.custom.input) ?? '',
});

function usageOf(usage) {
  return {
    prompt: usage.prompt_tokens ?? null,
    completion: usage.completion_tokens ?? null,
    total: usage.total_tokens ?? null,
    cached: usage.prompt_tokens_details?.cached_tokens ?? null,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? null,
  };
}

/** A chat completion in the form that all answers are compared in. */
export function completionOf(completion) {
  const choices = {};
  for (const { index, message, finish_reason } of completion.choices) {
    const calls = (message.tool_calls ?? []).map(callOf);
    const legacy = message.function_call;
    if (legacy?.name)
      calls.push({ id: null, name: legacy.name, args: legacy.arguments });
    choices[index ?? 0] = {
      text: message.content ?? '',
      reasoning: message.reasoning_content ?? '',
      refusal: message.refusal ?? '',
      calls,
      finish: finish_reason,
    };
  }
  const usage = completion.usage ? usageOf(completion.usage) : null;
  return { end: 'response', choices, usage };
}

/** What the library says of one recording. */
export function ours(output) {
  const last = parseLines(output).at(-1);
  if (last.response) return completionOf(last.response);
  if (!last.error) return { end: 'unsupported' };
  return {
    end: 'error',
    status: last.error.upstream_status,
    type: last.error.raw_type,
    code: last.error.raw_code,
    message: last.error.message,
  };
}

/** id -> {members, reason} of those that may differ in `part`. */
export function readKnown(file, part) {
  const known = new Map();
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const [where, id, members, ...reason] = line.split(/\s+/);
    if (where === part)
      known.set(id, { members: members.split(','), reason: reason.join(' ') });
  }
  return known;
}

/** Ends the program: 0 only when just what is listed differs, as listed. */
export function report(part, all, differing, known) {
  let failing = 0;
  const fail = (...lines) => {
    failing++;
    console.log(lines.join('\n    '));
  };
  for (const [id, found] of differing) {
    const members = [...new Set(found.map(([member]) => member))];
    if (String(known.get(id)?.members) !== String(members))
      fail(`FAILS ${id} ${members}`, ...found.map(([, text]) => text));
  }
  for (const id of known.keys()) {
    if (!all.has(id)) fail('no such thing: ' + id);
    else if (!differing.has(id))
      fail('AGREES, but is listed as differing: ' + id);
  }
  if (!all.size) fail('there is nothing to check');
  console.log(`${part}: ${all.size} checked, ` +
    `${all.size - differing.size} agree, ${known.size} listed as differing`);
  process.exitCode = failing ? 1 : 0;
}
