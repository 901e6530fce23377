// sdk_anthropic.mjs - recorded answers as the official SDK of Anthropic reads
// them.
import Anthropic from '@anthropic-ai/sdk';

import { answerOf } from './corpus.mjs';

const STOP = {
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
};

function choiceOf(message) {
  const choice = { text: '', reasoning: '', refusal: '', calls: [] };
  for (const block of message.content) {
    if (block.type === 'text') choice.text += block.text;
    else if (block.type === 'thinking') choice.reasoning += block.thinking;
    else if (block.type === 'tool_use')
      choice.calls.push({ id: block.id, name: block.name, args: block.input });
  }
  choice.finish = STOP[message.stop_reason] ?? 'stop';
  if (message.stop_reason === 'refusal')
    choice.refusal = message.stop_details?.explanation ??
      'The model declined to answer.';
  return choice;
}

/** What compaction and advisors used stands in the iterations alone. */
function usageOf(usage) {
  const billed = (usage.iterations ?? []).filter((step) => step.output_tokens);
  const sum = (...names) =>
    (billed.length ? billed : [usage]).reduce((all, step) =>
      all + names.reduce((some, name) => some + (step[name] ?? 0), 0), 0);
  const prompt = sum('input_tokens', 'cache_creation_input_tokens',
    'cache_read_input_tokens');
  const completion = sum('output_tokens');
  return {
    prompt,
    completion,
    total: prompt + completion,
    cached: usage.cache_read_input_tokens == null
      ? null : sum('cache_read_input_tokens'),
    reasoning: usage.output_tokens_details?.thinking_tokens ?? null,
  };
}

function errorOf(problem) {
  const error = problem.error?.error ?? problem.error;
  return {
    end: 'error',
    status: problem.status ?? null,
    type: error?.type ?? null,
    code: null,
    message: error?.message ?? null,
    refused: error ? undefined : problem.message,
  };
}

/** The SDK leaves the iterations of a stream to its host. */
async function streamed(stream) {
  let iterations;
  stream.on('streamEvent', (event) => {
    if (event.type === 'message_delta') iterations = event.usage.iterations;
  });
  const message = await stream.finalMessage();
  if (iterations) message.usage.iterations = iterations;
  return message;
}

export async function messages(recording) {
  const client = new Anthropic({
    apiKey: 'none',
    baseURL: 'http://127.0.0.1:9',
    maxRetries: 0,
    logLevel: 'off',
    fetch: async () => answerOf(recording),
  });
  const params = {
    model: 'm',
    max_tokens: 16,
    messages: [{ role: 'user', content: 'Hi' }],
  };
  try {
    const message = recording.stream
      ? await streamed(client.messages.stream(params))
      : await client.messages.create(params);
    return {
      end: 'response',
      choices: { 0: choiceOf(message) },
      usage: usageOf(message.usage),
    };
  } catch (problem) {
    return errorOf(problem);
  }
}
