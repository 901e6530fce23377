// compare.mjs - what an official SDK says of an answer against what we say.
//
// An answer is {end: 'response', choices: {index: choice}, usage} or {end:
// 'error', status, type, code, message, refused: the SDK's own words}. A choice is {text, reasoning,
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
    yield ['calls', `${theirs.length} tool calls, got ${our.length}`];
  for (let i = 0; i < Math.min(theirs.length, our.length); i++) {
    const [a, b] = [theirs[i], our[i]];
    if (a.id ? a.id !== b.id : b.id === '')
      yield ['calls', `tool call id ${show(a.id)}, got ${show(b.id)}`];
    if (a.name !== b.name)
      yield ['calls', `tool ${show(a.name)}, got ${show(b.name)}`];
    if (!sameArguments(a.args, b.args))
      yield ['calls', `arguments ${show(a.args)}, got ${show(b.args)}`];
  }
}

function* choiceDifferences(theirs, our) {
  for (const name of ['text', 'reasoning', 'refusal', 'finish'])
    if (theirs[name] !== our[name])
      yield [name, `${name} ${show(theirs[name])}, got ${show(our[name])}`];
  yield* callDifferences(theirs.calls, our.calls);
}

function* errorDifferences(theirs, our) {
  if (theirs.status != null && theirs.status !== our.status)
    yield ['status', `status ${theirs.status}, got ${our.status}`];
  for (const name of ['type', 'code'])
    if (theirs[name] != null && String(theirs[name]) !== our[name])
      yield [name, `${name} ${show(theirs[name])}, got ${show(our[name])}`];
  const message = squeeze(theirs.message ?? '').slice(0, 200);
  if (!our.message || !squeeze(our.message).includes(message))
    yield ['message', `message ${show(message)}, got ${show(our.message)}`];
}

function* responseDifferences(theirs, our) {
  const indexes = Object.keys(theirs.choices);
  if (!isDeepStrictEqual(indexes, Object.keys(our.choices)))
    yield ['choices', `choices ${indexes}, got ${Object.keys(our.choices)}`];
  for (const index of indexes)
    if (our.choices[index])
      yield* choiceDifferences(theirs.choices[index], our.choices[index]);
  for (const [name, number] of Object.entries(theirs.usage ?? {}))
    if (number != null && number !== our.usage?.[name])
      yield ['usage', `${name} ${number}, got ${our.usage?.[name]}`];
  if (our.usage && our.usage.total !== our.usage.prompt + our.usage.completion)
    yield ['usage', `got a total of ${our.usage.total}`];
}

/** Pairs of a member and a line about it. */
export function* differences(theirs, our) {
  if (theirs.end !== our.end)
    yield ['end', `${show(theirs)}, got ${show(our)}`];
  else if (theirs.end === 'error') yield* errorDifferences(theirs, our);
  else yield* responseDifferences(theirs, our);
}
