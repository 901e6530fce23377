// sdk_openai.mjs - recorded answers as the official SDK of OpenAI reads them.
import OpenAI from 'openai';

import { answerOf, completionOf } from './corpus.mjs';

const messages = [{ role: 'user', content: 'Hi' }];

/** A client whose next answers are these. */
export function clientOf(...answers) {
  return new OpenAI({
    apiKey: 'none',
    baseURL: 'http://127.0.0.1:9/v1',
    maxRetries: 0,
    logLevel: 'off',
    fetch: async () => answers.shift(),
  });
}

/** A number of HTTP's is no code of the service's. */
const codeOf = (code) => (/^[1-5]\d\d$/.test(code ?? '') ? null : code || null);

export function errorOf(problem) {
  const body = problem.error;
  return {
    end: 'error',
    status: problem.status ?? null,
    type: problem.type || null,
    code: codeOf(problem.code),
    message: typeof body === 'string' ? body : body?.message ?? null,
    refused: body ? undefined : problem.message,
  };
}

/** "stop" beside calls: a forced call ends so, and we say tool_calls. */
function forcedCalls(answer) {
  for (const choice of Object.values(answer.choices))
    if (choice.calls.length && choice.finish === 'stop')
      choice.finish = 'tool_calls';
  return answer;
}

async function chatOf(recording, streamed) {
  const client = clientOf(answerOf(recording), answerOf(recording));
  const { n, functions } = recording.request.body ?? {};
  const params = {
    model: 'm',
    messages,
    ...(n > 1 ? { n } : {}),
    ...(functions ? { functions } : {}),
  };
  try {
    return forcedCalls(recording.stream
      ? await streamed(client.chat.completions, params)
      : completionOf(houseRules(await client.chat.completions.create(params))));
  } catch (problem) {
    return errorOf(problem);
  }
}

/** Where services say otherwise than OpenAI what we hand out as OpenAI does.
 *  The SDK passes it on as it is. */
function houseRules(completion) {
  for (const choice of completion.choices) {
    const { message } = choice;
    message.reasoning_content ??= message.reasoning;
    splitParts(message);
    choice.finish_reason = FINISHES[choice.finish_reason] ?? choice.finish_reason;
  }
  if (completion.usage) completion.usage = sameScale(completion.usage);
  return completion;
}

const FINISHES = { '': 'stop', eos: 'stop' };

/** Content as a list, of which thinking is a part; or as a value. */
function splitParts(message) {
  const content = message.content;
  if (Array.isArray(content)) {
    const textsOf = (parts) =>
      typeof parts === 'string' ? parts : parts.map((part) => part.text).join('');
    message.content = '';
    for (const part of content) {
      if (part.type === 'text') message.content += part.text;
      else if (part.type === 'thinking')
        message.reasoning_content =
          (message.reasoning_content ?? '') + textsOf(part.thinking);
    }
  } else if (content && typeof content === 'object') {
    message.content = JSON.stringify(content);
  }
}

/** Reasoning beside completion_tokens, audio beside prompt_tokens: in them. A
 *  total of something else is none. */
function sameScale(usage) {
  const { prompt_tokens: prompt, completion_tokens: completion, ...rest } = usage;
  const reasoning = rest.completion_tokens_details?.reasoning_tokens ?? 0;
  const total = rest.total_tokens;
  if (reasoning && total === prompt + completion + reasoning)
    return { ...usage, completion_tokens: completion + reasoning };
  if (rest.prompt_audio_seconds != null && total > prompt + completion)
    return { ...usage, prompt_tokens: total - completion };
  return total === prompt + completion ? usage : { ...usage, total_tokens: null };
}

/** Added up by the SDK; of members that it does not know it keeps the last
 *  piece only. */
async function accumulated(completions, params) {
  const extras = {};
  const stream = completions.stream({
    ...params,
    stream_options: { include_usage: true },
  });
  stream.on('chunk', (chunk) => {
    for (const { index, delta } of chunk.choices ?? [])
      addDelta((extras[index] ??= {}),
        { reasoning_content: delta?.reasoning_content });
  });
  const completion = await stream.finalChatCompletion();
  for (const { index, message } of completion.choices)
    message.reasoning_content = extras[index]?.reasoning_content;
  return completionOf(completion);
}

/** Chunks as the SDK reads them, added up by us. */
async function iterated(completions, params) {
  const chunks = [];
  for await (const chunk of await completions.create({ ...params, stream: true }))
    chunks.push(chunk);
  return completionOf(houseRules(addUp(chunks)));
}

/** The SDK refuses to add up what is against its own rules, like an answer
 *  that has no role, and says so in an error that is none of the service's. */
const isRefusal = (problem) => problem instanceof OpenAI.OpenAIError &&
  !(problem instanceof OpenAI.APIError);

/** OpenAI's own answers. */
export const chat = (recording) =>
  chatOf(recording, async (completions, params) => {
    try {
      return await accumulated(completions, params);
    } catch (problem) {
      if (isRefusal(problem)) return iterated(completions, params);
      throw problem;
    }
  });

/** Those of other services: they leave out members that the SDK wants, and have
 *  others that it does not know. */
export const compatible = (recording) => chatOf(recording, iterated);

function addUp(chunks) {
  const choices = new Map();
  let usage;
  for (const chunk of chunks) {
    usage = chunk.usage ?? usage;
    for (const one of chunk.choices ?? []) {
      if (!choices.has(one.index ?? 0))
        choices.set(one.index ?? 0, { index: one.index ?? 0, message: {}, finish_reason: null });
      const choice = choices.get(one.index ?? 0);
      choice.finish_reason = one.finish_reason || choice.finish_reason;
      addDelta(choice.message, one.delta ?? one.message ?? {});
    }
  }
  for (const choice of choices.values()) choice.finish_reason ??= 'stop';
  return { choices: [...choices.values()], usage };
}

function addDelta(message, delta) {
  const add = (name, piece) => {
    if (piece) message[name] = (message[name] ?? '') + piece;
  };
  const whole = { content: delta.content };
  splitParts(whole);
  add('content', whole.content);
  add('reasoning_content', whole.reasoning_content);
  add('reasoning_content', delta.reasoning_content || delta.reasoning);
  add('refusal', delta.refusal);
  for (const [place, piece] of (delta.tool_calls ?? []).entries()) {
    message.tool_calls ??= [];
    const call = (message.tool_calls[piece.index ?? place] ??=
      { id: null, function: { name: null, arguments: '' } });
    call.id ||= piece.id;
    call.function.name ||= piece.function?.name;
    call.function.arguments += piece.function?.arguments ?? '';
  }
}

const texts = (parts) => (parts ?? []).map((part) => part.text).filter(Boolean);

function addItem(choice, item, thoughts) {
  if (item.type === 'message') {
    for (const part of item.content) {
      choice.text += part.text ?? '';
      choice.refusal += part.refusal ?? '';
    }
  } else if (item.type === 'reasoning') {
    const summary = texts(item.summary);
    thoughts.push(...(summary.length ? summary : texts(item.content)));
  } else if (item.type === 'function_call') {
    choice.calls.push({ id: item.call_id, name: item.name, args: item.arguments });
  } else if (item.type === 'custom_tool_call') {
    choice.calls.push({ id: item.call_id, name: item.name, args: item.input });
  }
}

function finishOf(response, calls) {
  const reason = response.incomplete_details?.reason;
  if (reason === 'content_filter') return 'content_filter';
  if (response.status === 'incomplete') return 'length';
  return calls.length ? 'tool_calls' : 'stop';
}

const noAnswer = { end: 'error', status: null, message: null };

function responseOf(response, items) {
  const choice = { text: '', reasoning: '', refusal: '', calls: [] };
  const thoughts = [];
  const { usage, error } = response;
  if (response.status === 'failed')
    return { ...noAnswer, code: codeOf(error?.code), message: error?.message };
  if (response.status === 'queued' || response.status === 'in_progress')
    return noAnswer;
  for (const item of items) addItem(choice, item, thoughts);
  choice.reasoning = thoughts.join('\n\n');
  choice.finish = finishOf(response, choice.calls);
  return {
    end: 'response',
    choices: { 0: choice },
    usage: usage && {
      prompt: usage.input_tokens,
      completion: usage.output_tokens,
      total: usage.total_tokens,
      cached: usage.input_tokens_details?.cached_tokens ?? null,
      reasoning: usage.output_tokens_details?.reasoning_tokens ?? null,
    },
  };
}

/** Some services end with a response of no items: those of the events are it.
 *  Some events the SDK refuses to add up: so they are read one by one. */
async function responseStream(client, params) {
  const items = [];
  const stream = client.responses.stream(params);
  stream.on('response.output_item.done', (event) => items.push(event.item));
  try {
    const response = await stream.finalResponse();
    return responseOf(response, response.output.length ? response.output : items);
  } catch (problem) {
    if (isRefusal(problem)) return responseEvents(client, params);
    throw problem;
  }
}

async function responseEvents(client, params) {
  const items = [];
  let last;
  const events = await client.responses.create({ ...params, stream: true });
  for await (const event of events) {
    if (event.type === 'response.output_item.done') items.push(event.item);
    if (/^response\.(completed|incomplete|failed)$/.test(event.type))
      last = event.response;
  }
  return last ? responseOf(last, items) : noAnswer;
}

export async function responses(recording) {
  const client = clientOf(answerOf(recording), answerOf(recording));
  const params = { model: 'm', input: 'Hi' };
  try {
    if (recording.stream) return await responseStream(client, params);
    const response = await client.responses.create(params);
    return responseOf(response, response.output);
  } catch (problem) {
    return errorOf(problem);
  }
}
