// sdk_gemini.mjs - recorded answers as the official SDK of Gemini reads them.
import { GoogleGenAI } from '@google/genai';

import { answerOf } from './corpus.mjs';

const FILTERED = new Set(['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'SPII',
  'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION', 'MODEL_ARMOR']);
const FAILED = new Set(['MALFORMED_FUNCTION_CALL', 'TOO_MANY_TOOL_CALLS',
  'NO_IMAGE', 'IMAGE_OTHER']);

/** Arguments may come in pieces, which the SDK hands out as they come: of texts
 *  at the top, as recorded. A piece without a name goes on with the last call. */
function addCall(choice, call) {
  if (call.name) {
    const { id = null, name, args = {} } = call;
    choice.calls.push({ id, name, args: { ...args } });
  }
  const { args } = choice.calls.at(-1);
  for (const { jsonPath, stringValue } of call.partialArgs ?? []) {
    const name = /^\$\.(\w+)$/.exec(jsonPath)[1];
    args[name] = (args[name] ?? '') + stringValue;
  }
}

function addPart(choice, part) {
  if (part.functionCall) addCall(choice, part.functionCall);
  else if (part.thought) choice.reasoning += part.text ?? '';
  else choice.text += part.text ?? '';
}

function finishOf(choice) {
  if (FILTERED.has(choice.native)) return 'content_filter';
  if (['MAX_TOKENS', 'CONTINUATION'].includes(choice.native)) return 'length';
  return choice.calls.length ? 'tool_calls' : 'stop';
}

/** No end, an end that is a failure, or an end without an answer. */
function isBroken({ native, text, reasoning, calls }) {
  const empty = !text && !reasoning && !calls.length;
  return !native || FAILED.has(native) ||
    (empty && ['STOP', 'OTHER'].includes(native));
}

function usageOf(usage, cached) {
  if (usage?.promptTokenCount == null) return null;
  const prompt = usage.promptTokenCount + (usage.toolUsePromptTokenCount ?? 0);
  const thoughts = usage.thoughtsTokenCount ?? 0;
  let completion = usage.candidatesTokenCount ?? 0;
  // thoughts stand beside the answer, or within where the total says so
  if (!thoughts || prompt + completion !== usage.totalTokenCount)
    completion += thoughts;
  return { prompt, completion, total: prompt + completion, cached, reasoning: thoughts };
}

/** Responses of a stream, or the one, add up. */
function fold(responses) {
  const choices = {};
  let usage, cached;
  const choiceAt = (index) =>
    (choices[index] ??= { text: '', reasoning: '', refusal: '', calls: [] });
  for (const response of responses) {
    const counts = response.usageMetadata;
    if (counts?.promptTokenCount) {
      usage = counts;
      cached = counts.cachedContentTokenCount || cached;
    }
    for (const candidate of response.candidates ?? []) {
      const choice = choiceAt(candidate.index ?? 0);
      choice.native = candidate.finishReason ?? choice.native;
      for (const part of candidate.content?.parts ?? []) addPart(choice, part);
    }
    if (response.promptFeedback?.blockReason) choiceAt(0).native = 'SAFETY';
  }
  if (!Object.keys(choices).length || Object.values(choices).some(isBroken))
    return { end: 'error', status: null, message: null };
  for (const choice of Object.values(choices)) choice.finish = finishOf(choice);
  return { end: 'response', choices, usage: usageOf(usage, cached ?? 0) };
}

function errorOf(problem) {
  let error = null;
  try {
    error = JSON.parse(problem.message);
    error = (Array.isArray(error) ? error[0] : error).error;
  } catch {
    // the SDK's own words, not the service's
  }
  return {
    end: 'error',
    status: problem.status ?? null,
    type: null,
    code: error?.status ?? null,
    message: error?.message ?? null,
    refused: error ? undefined : problem.message,
  };
}

/** The SDK asks for SSE and reads nothing else: an array becomes events. */
async function asEvents(answer) {
  const text = await answer.text();
  if (!answer.ok || !/^\s*\[/.test(text))
    return new Response(text, answer);
  const events = JSON.parse(text).map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`);
  return new Response(events.join(''), answer);
}

export async function generateContent(recording) {
  const ai = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: 'http://127.0.0.1:9' } });
  const params = { model: 'm', contents: 'Hi' };
  // the SDK takes no fetch of ours
  globalThis.fetch = async () =>
    recording.stream ? asEvents(answerOf(recording)) : answerOf(recording);
  try {
    const responses = [];
    if (recording.stream) {
      for await (const one of await ai.models.generateContentStream(params))
        responses.push(one);
    } else {
      responses.push(await ai.models.generateContent(params));
    }
    return fold(responses);
  } catch (problem) {
    return errorOf(problem);
  }
}
