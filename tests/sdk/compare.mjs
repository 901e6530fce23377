// compare.mjs - what an official SDK says of an answer against what we say.
//
// An answer is {end: 'response', choices: {index: choice}, usage} or {end:
// 'error', status, type, code, message}. A choice is {text, reasoning,
// refusal, calls: [{id, name, args}], finish}; args are text, or a value where
// the SDK hands out a value. What an SDK does not say (null) is not compared.
import { isDeepStrictEqual } from 'node:util';

const show = (value) => String(JSON.stringify(value)).slice(0, 160);

const squeeze = (text) => String(text).split(/\s+/).join(' ').trim();

function sameArguments(theirs, our) {
  if (typeof theirs === 'string') return (theirs || '{}') === our;
  try {
    return isDeepStrictEqual(JSON.parse(our), theirs);
  } catch {
    return false;
  }
}

function* callDifferences(theirs, our) {
  if (theirs.length !== our.length)
    yield `${theirs.length} tool calls, got ${our.length}`;
  for (let i = 0; i < Math.min(theirs.length, our.length); i++) {
    const [a, b] = [theirs[i], our[i]];
    if (a.id ? a.id !== b.id : b.id === '')
      yield `tool call id ${show(a.id)}, got ${show(b.id)}`;
    if (a.name !== b.name) yield `tool ${show(a.name)}, got ${show(b.name)}`;
    if (!sameArguments(a.args, b.args))
      yield `arguments ${show(a.args)}, got ${show(b.args)}`;
  }
}

function* choiceDifferences(theirs, our) {
  for (const name of ['text', 'reasoning', 'refusal', 'finish'])
    if (theirs[name] !== our[name])
      yield `${name} ${show(theirs[name])}, got ${show(our[name])}`;
  yield* callDifferences(theirs.calls, our.calls);
}

function* errorDifferences(theirs, our) {
  if (theirs.status != null && theirs.status !== our.status)
    yield `status ${theirs.status}, got ${our.status}`;
  for (const name of ['type', 'code'])
    if (theirs[name] != null && String(theirs[name]) !== our[name])
      yield `error's ${name} ${show(theirs[name])}, got ${show(our[name])}`;
  const message = squeeze(theirs.message ?? '').slice(0, 200);
  if (!our.message || !squeeze(our.message).includes(message))
    yield `message ${show(message)}, got ${show(our.message)}`;
}

export function* differences(theirs, our) {
  if (theirs.end !== our.end) {
    yield `${show(theirs)}, got ${show(our)}`;
    return;
  }
  if (theirs.end === 'error') {
    yield* errorDifferences(theirs, our);
    return;
  }
  const indexes = Object.keys(theirs.choices);
  if (!isDeepStrictEqual(indexes, Object.keys(our.choices)))
    yield `choices ${indexes}, got ${Object.keys(our.choices)}`;
  for (const index of indexes)
    if (our.choices[index])
      yield* choiceDifferences(theirs.choices[index], our.choices[index]);
  for (const [name, number] of Object.entries(theirs.usage ?? {}))
    if (number != null && number !== our.usage?.[name])
      yield `usage ${name} ${number}, got ${our.usage?.[name]}`;
}
