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

export function errorOf(problem) {
  const body = problem.error;
  return {
    end: 'error',
    status: problem.status ?? null,
    type: problem.type ?? null,
    code: problem.code ?? null,
    message: typeof body === 'string' ? body : body?.message ?? null,
  };
}

/** The SDK keeps the last piece of a string it does not know: add them up. */
function addReasoning(completion, pieces) {
  for (const choice of completion.choices)
    if (pieces.has(choice.index))
      choice.message.reasoning_content = pieces.get(choice.index);
  return completion;
}

async function streamed(client, params) {
  const stream = client.chat.completions.stream({
    ...params,
    stream_options: { include_usage: true },
  });
  const pieces = new Map();
  stream.on('chunk', (chunk) => {
    for (const { index, delta } of chunk.choices ?? []) {
      const piece = delta?.reasoning_content ?? delta?.reasoning;
      if (piece) pieces.set(index, (pieces.get(index) ?? '') + piece);
    }
  });
  return addReasoning(await stream.finalChatCompletion(), pieces);
}

/** "stop" beside calls: a forced call ends so, and we say tool_calls. */
function forcedCalls(answer) {
  for (const choice of Object.values(answer.choices))
    if (choice.calls.length && choice.finish === 'stop')
      choice.finish = 'tool_calls';
  return answer;
}

export async function chat(recording) {
  const client = clientOf(answerOf(recording));
  const { n, functions } = recording.request.body ?? {};
  const params = { model: 'm', messages, ...(n > 1 ? { n } : {}) };
  try {
    const completion = recording.stream
      ? await streamed(client, { ...params, ...(functions ? { functions } : {}) })
      : await client.chat.completions.create(params);
    return forcedCalls(completionOf(completion));
  } catch (problem) {
    return errorOf(problem);
  }
}

const texts = (parts) => (parts ?? []).map((part) => part.text).filter(Boolean);

function addItem(choice, item, thoughts) {
  if (item.type === 'message') {
    for (const part of item.content) choice.refusal += part.refusal ?? '';
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

function responseOf(response) {
  const choice = { text: response.output_text, reasoning: '', refusal: '', calls: [] };
  const thoughts = [];
  const usage = response.usage;
  if (response.status === 'failed')
    return { end: 'error', status: null, type: response.error?.type ?? null,
      code: response.error?.code ?? null, message: response.error?.message ?? null };
  if (response.status === 'queued' || response.status === 'in_progress')
    return { end: 'error', status: null, message: null };
  for (const item of response.output) addItem(choice, item, thoughts);
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

export async function responses(recording) {
  const client = clientOf(answerOf(recording));
  const params = { model: 'm', input: 'Hi' };
  try {
    return responseOf(
      recording.stream
        ? await client.responses.stream(params).finalResponse()
        : await client.responses.create(params));
  } catch (problem) {
    return errorOf(problem);
  }
}
