"""Read recorded answers, and what llmgw-wire made of them, into one form.

Written after the providers' documentation, not after the library, so that the
two can be compared. Standard library only.

An answer is {'end': 'response', 'choices': {index: choice}, 'usage': usage}
or {'end': 'error', 'status': HTTP status, 'message': text}. A choice is
{'text', 'reasoning', 'refusal', 'calls': [(id, name, arguments)], 'finish'};
arguments are text, or the value where the provider sends one. A usage is
{'prompt', 'completion', 'cached', 'reasoning'}, None: not told.
"""
import base64
import decimal
import json
import math
import re
import struct
import zlib


class Unreadable(Exception):
    """The recording is not what its provider's documentation describes."""


def new_choice():
    return {'text': '', 'reasoning': '', 'details': '', 'refusal': '',
            'calls': [], 'finish': None}


def sse_data(text):
    """The data of each event (WHATWG HTML, "Parsing an event stream")."""
    data = []
    lines = text.replace('\r\n', '\n').replace('\r', '\n').split('\n')
    for line in lines + ['']:
        if line.startswith('data:'):
            value = line[5:]
            data.append(value[1:] if value.startswith(' ') else value)
        elif not line and data:
            yield '\n'.join(data)
            data = []


def is_binary(response):
    """Is the body in records that no text has (base64)?"""
    return 'body_base64' in response and \
        base64.b64decode(response['body_base64'])[:1] == b'\0'


def event_frames(data):
    """Names and payloads (Amazon Event Stream specification)."""
    while data:
        total, size, _ = struct.unpack('>III', data[:12])
        if zlib.crc32(data[:total - 4]) != \
                struct.unpack('>I', data[total - 4:total])[0]:
            raise Unreadable('CRC of a record')
        headers, at = {}, 12
        while at < 12 + size:
            name = data[at + 1:at + 1 + data[at]]
            at += 1 + data[at]
            if data[at] != 7:
                raise Unreadable('header of type %d' % data[at])
            length = struct.unpack('>H', data[at + 1:at + 3])[0]
            headers[name] = data[at + 3:at + 3 + length].decode('utf-8')
            at += 3 + length
        yield headers[b':event-type'], json.loads(data[at:total - 4])
        data = data[total:]


def body_of(response):
    if 'body_base64' in response:
        return base64.b64decode(response['body_base64']).decode('utf-8')
    return response['body_text']


def records(response, exact=False):
    """The JSON documents of an answer: of its events, or of its body; with
    exact, fractions are decimal."""
    def parse(text):
        return json.loads(text, parse_float=decimal.Decimal) if exact \
            else json.loads(text)
    if is_binary(response):
        return [parse(base64.b64decode(payload['bytes']))
                if name == 'chunk' else {name: payload}
                for name, payload in event_frames(
                    base64.b64decode(response['body_base64']))]
    text = body_of(response).lstrip('\ufeff \t\r\n')
    if 'ndjson' in str(response.get('headers')).lower():
        return [parse(line) for line in text.split('\n')
                if line.strip()]
    if text[:1] in '{[':
        whole = parse(text)
        return whole if isinstance(whole, list) else [whole]
    return [parse(data) for data in sse_data(text)
            if data.strip() not in ('', '[DONE]')]


def error_of(status, document):
    """The message in an error's body, whatever its form."""
    if isinstance(document, list) and document:
        document = document[0]
    error = document.get('error', document) \
        if isinstance(document, dict) else document
    message = error.get('message') if isinstance(error, dict) else error
    return {'end': 'error', 'status': status, 'message': message}


def kind_of(recording):
    """Two providers have chat wires of their own beside OpenAI's; what is in
    an invocation is the maker's own."""
    kind, provider = recording['endpoint_kind'], recording['provider']
    url = (recording.get('request') or {}).get('url') or ''
    if kind == 'invoke':
        return 'messages' if re.search(r'anthropic\.claude-(?!v|instant)', url) \
            else 'unspoken'
    if kind != 'chat' or provider not in ('cohere', 'ollama') or \
            url.endswith('/completions'):
        return kind
    body = body_of(recording['response'])
    if provider == 'cohere' and ('/v1/' in url or '"generation_id"' in body):
        return 'unspoken'
    return kind if '"chat.completion' in body else provider


def choices_of(part):
    """Those may have failed alone."""
    found = part.get('choices') if isinstance(part, dict) else None
    return found if isinstance(found, list) else []


def read(recording):
    """What a recorded exchange says."""
    response = recording['response']
    kind = kind_of(recording)
    if kind == 'unspoken':
        return {'end': 'unsupported'}
    if response['status'] >= 400:
        try:
            document = json.loads(body_of(response))
        except ValueError:
            document = {}
        return error_of(response['status'], document)
    try:
        parts = records(response)
    except ValueError: # bytes that no documentation describes
        return {'end': 'error', 'status': response['status'],
                'message': None}
    for part in parts:
        for one in [part] + choices_of(part):
            if isinstance(one, dict) and one.get('error'):
                return error_of(response['status'], one)
    ended = not is_binary(response) and '[DONE]' in body_of(response)
    return READERS[kind](parts, ended)


# --- chat completions ---

LEGACY = 'function_call' # in place of an id


def thoughts_of(delta):
    """Under three names, or as parts of the content."""
    plain = (delta.get('reasoning_content') or delta.get('reasoning') or
             delta.get('thinking') or '')
    content = delta.get('content')
    if not plain and isinstance(content, list):
        inner = [part['thinking'] for part in content if 'thinking' in part]
        plain = ''.join(one if isinstance(one, str) else text_of(one)
                        for one in inner)
    return plain


def text_of(content):
    """Content is text, or a list of parts."""
    if isinstance(content, list):
        return ''.join(part.get('text', '') for part in content
                       if part.get('type') in (None, 'text'))
    if isinstance(content, dict): # a service that parses what it made
        return json.dumps(content, separators=(',', ':'), ensure_ascii=False)
    return content or ''


def add_delta(choice, delta, open_calls, whole=False):
    """A message is a delta that has all of it: each call there is another,
    whatever its index."""
    choice['text'] += text_of(delta.get('content'))
    choice['refusal'] += delta.get('refusal') or ''
    choice['reasoning'] += thoughts_of(delta)
    choice['details'] += ''.join(
        detail.get('text') or detail.get('summary') or ''
        for detail in delta.get('reasoning_details') or [])
    for place, piece in enumerate(delta.get('tool_calls') or []):
        index = place if whole else piece.get('index', place)
        call = open_calls.setdefault(index, ['', '', ''])
        function = piece.get('function') or piece.get('custom') or {}
        call[0] = call[0] or piece.get('id') or ''
        call[1] = call[1] or function.get('name') or ''
        more = function.get('arguments') or function.get('input') or ''
        if more:
            call[2] = call[2] + more if isinstance(more, str) else more
    if (delta.get('function_call') or {}).get('name') or 0 in open_calls and \
            open_calls[0][0] == LEGACY and delta.get('function_call'):
        # the legacy form: one call, without an id
        call = open_calls.setdefault(0, [LEGACY, '', ''])
        call[1] = call[1] or delta['function_call'].get('name') or ''
        call[2] += delta['function_call'].get('arguments') or ''


def part_of(part, whole):
    """Cached is part of prompt, reasoning of completion; a service that says
    more of a part than of the whole has counted in another scale."""
    return part if part is None or whole is None else min(part, whole)


def chat_usage(usage):
    if not usage:
        return None
    details = usage.get('prompt_tokens_details') or {}
    more = usage.get('completion_tokens_details') or {}
    prompt, completion = (usage.get('prompt_tokens'),
                          usage.get('completion_tokens'))
    total, thought = usage.get('total_tokens'), more.get('reasoning_tokens')
    if thought and total == (prompt or 0) + (completion or 0) + thought:
        completion += thought # it stands beside it
    if 'prompt_audio_seconds' in usage and total > prompt + completion:
        prompt = total - completion # sound is counted in the total alone
    return {'prompt': prompt, 'completion': completion,
            'cached': part_of(details.get('cached_tokens'), prompt),
            'reasoning': part_of(thought, completion)}


FINISHES = {'eos': 'stop', 'end_turn': 'stop', 'model_length': 'length',
            'max_tokens': 'length', 'sensitive': 'content_filter',
            'tool_use': 'tool_calls'}


def chat_finish(choice):
    """Tool calls decide, not the word: a forced call ends with "stop"."""
    if choice['calls'] and choice['finish'] == 'stop':
        return 'tool_calls'
    return choice['finish']


def read_chat(parts, ended):
    choices, calls, usage = {}, {}, None
    for part in parts:
        usage = part.get('usage') or usage
        for one in part.get('choices') or []:
            index = one.get('index', 0)
            choice = choices.setdefault(index, new_choice())
            whole = len(parts) == 1 and 'message' in one
            ended = ended or whole
            add_delta(choice, (one['message'] if whole else one.get('delta'))
                      or {}, calls.setdefault(index, {}), whole)
            finish = one.get('finish_reason') or choice['finish']
            choice['finish'] = FINISHES.get(finish, finish)
    if not choices: # nothing was said
        return {'end': 'error', 'status': 200, 'message': None}
    for index, choice in choices.items():
        if not choice['finish'] and not ended: # cut off
            return {'end': 'error', 'status': 200, 'message': None}
        choice['finish'] = choice['finish'] or 'stop'
        choice['calls'] = [(i, n, a or '{}') for _, (i, n, a)
                           in sorted(calls[index].items())]
        choice['finish'] = chat_finish(choice)
        choice['reasoning'] = choice['reasoning'] or choice['details']
    return {'end': 'response', 'choices': choices, 'usage': chat_usage(usage)}


# --- Anthropic Messages ---

STOP_REASONS = {'end_turn': 'stop', 'stop_sequence': 'stop',
                'tool_use': 'tool_calls', 'max_tokens': 'length',
                'model_context_window_exceeded': 'length',
                'pause_turn': 'stop', 'refusal': 'content_filter'}


INPUTS = ('input_tokens', 'cache_creation_input_tokens',
          'cache_read_input_tokens')


def messages_usage(usage):
    def count(step, name):
        return step.get(name) or 0

    if usage.get('output_tokens') is None:
        return None
    details = usage.get('output_tokens_details') or {}
    # totals leave out what compaction and advisors used: the steps have it
    steps = [step for step in usage.get('iterations') or []
             if step.get('output_tokens')] # declined tries are not billed
    steps = steps or [usage]
    return {'prompt': sum(count(step, name) for step in steps
                          for name in INPUTS),
            'completion': sum(count(step, 'output_tokens')
                              for step in steps),
            'cached': None if usage.get('cache_read_input_tokens') is None
            else sum(count(step, INPUTS[2]) for step in steps),
            'reasoning': details.get('thinking_tokens')}


def add_block(choice, block):
    kind = block.get('type')
    if kind == 'text':
        choice['text'] += block.get('text') or ''
    elif kind == 'thinking':
        choice['reasoning'] += block.get('thinking') or ''
    elif kind == 'tool_use':
        choice['calls'].append((block['id'], block['name'], block['input']))


def finish_message(choice, stop_reason, details):
    choice['finish'] = STOP_REASONS.get(stop_reason, 'stop')
    if stop_reason == 'refusal':
        choice['refusal'] = ((details or {}).get('explanation') or
                             'The model declined to answer.')


def add_to_block(block, delta):
    for name in ('text', 'thinking', 'partial_json'):
        if name in delta:
            block[name] = block.get(name, '') + delta[name]


def fold_events(parts):
    """The message that the events of a stream build."""
    message, blocks = {}, {}
    for part in parts:
        kind = part.get('type')
        if kind == 'message_start':
            message = dict(part['message'])
            message['usage'] = dict(message.get('usage') or {})
        elif kind == 'content_block_start':
            blocks[part['index']] = dict(part['content_block'])
        elif kind == 'content_block_delta':
            add_to_block(blocks[part['index']], part['delta'])
        elif kind == 'message_delta':
            message.update(part['delta'])
            message['usage'].update((k, v) for k, v in
                                    (part.get('usage') or {}).items()
                                    if v is not None)
        elif kind == 'message_stop':
            break
    for block in blocks.values():
        if block.get('partial_json'):
            block['input'] = block['partial_json']
    message['content'] = list(message.get('content') or []) + \
        [blocks[index] for index in sorted(blocks)]
    return message


def read_messages(parts, ended):
    streamed = parts[0].get('type') != 'message'
    if streamed and not any(part.get('type') == 'message_stop'
                            for part in parts):
        return {'end': 'error', 'status': 200, 'message': None}
    message = fold_events(parts) if streamed else parts[0]
    choice = new_choice()
    for block in message['content']:
        add_block(choice, block)
    finish_message(choice, message.get('stop_reason'),
                   message.get('stop_details'))
    return {'end': 'response', 'choices': {0: choice},
            'usage': messages_usage(message.get('usage') or {})}


# --- Gemini generateContent ---

FILTERED = {'SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'SPII',
            'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT',
            'IMAGE_RECITATION', 'MODEL_ARMOR'}
FAILED = {'MALFORMED_FUNCTION_CALL', 'TOO_MANY_TOOL_CALLS', 'NO_IMAGE',
          'IMAGE_OTHER'}


def gemini_usage(usage):
    def count(name):
        return usage.get(name) or 0

    if usage.get('promptTokenCount') is None:
        return None
    prompt = count('promptTokenCount') + count('toolUsePromptTokenCount')
    thoughts = count('thoughtsTokenCount')
    answer = count('candidatesTokenCount')
    if not thoughts or prompt + answer != usage.get('totalTokenCount'):
        answer += thoughts
    return {'prompt': prompt, 'completion': answer,
            'cached': count('cachedContentTokenCount'),
            'reasoning': thoughts}


def put_leaf(tree, path, leaf):
    """A leaf at a JSON path; text is put behind what stands there."""
    steps = [int(index) if index else name for name, index in
             re.findall(r'\.([^.\[\]]+)|\[(\d+)\]', path)]
    for step, following in zip(steps, steps[1:]):
        empty = [] if isinstance(following, int) else {}
        if isinstance(step, int) and step == len(tree):
            tree.append(empty)
        elif not isinstance(step, int):
            tree.setdefault(step, empty)
        tree = tree[step]
    if isinstance(steps[-1], int) and steps[-1] == len(tree):
        tree.append(leaf)
    elif isinstance(leaf, str) and steps[-1] in tree:
        tree[steps[-1]] += leaf
    else:
        tree[steps[-1]] = leaf


def add_gemini_call(choice, call):
    """A call, or pieces of the last one's arguments."""
    if call.get('name'):
        choice['calls'].append((call.get('id') or '', call['name'],
                                call.get('args') or {}))
    for piece in call.get('partialArgs') or []:
        leaf = [piece[kind] for kind in ('stringValue', 'numberValue',
                                         'boolValue') if kind in piece]
        put_leaf(choice['calls'][-1][2], piece['jsonPath'],
                 leaf[0] if leaf else None)


def add_gemini_part(choice, part):
    if 'functionCall' in part:
        add_gemini_call(choice, part['functionCall'])
    elif part.get('thought'):
        choice['reasoning'] += part.get('text') or ''
    else:
        choice['text'] += part.get('text') or ''


def gemini_finish(choice, native):
    if native in FILTERED:
        return 'content_filter'
    if native == 'MAX_TOKENS' or native == 'CONTINUATION':
        return 'length'
    return 'tool_calls' if choice['calls'] else 'stop'


def read_gemini(parts, ended):
    choices, natives, usage, cached = {}, {}, None, None
    for part in parts:
        if (part.get('usageMetadata') or {}).get('promptTokenCount'):
            usage = part['usageMetadata']
            cached = usage.get('cachedContentTokenCount') or cached
        for one in part.get('candidates') or []:
            index = one.get('index', 0)
            choice = choices.setdefault(index, new_choice())
            natives[index] = one.get('finishReason') or natives.get(index)
            for piece in (one.get('content') or {}).get('parts') or []:
                add_gemini_part(choice, piece)
        if (part.get('promptFeedback') or {}).get('blockReason'):
            choices.setdefault(0, new_choice())
            natives[0] = 'SAFETY'
    if usage and cached:
        usage = dict(usage, cachedContentTokenCount=cached)
    if not choices:
        return {'end': 'error', 'status': 200, 'message': None}
    for index, choice in choices.items():
        empty = not (choice['text'] or choice['calls'] or
                     choice['reasoning'])
        if natives[index] is None or natives[index] in FAILED or \
                (empty and natives[index] in ('STOP', 'OTHER')):
            return {'end': 'error', 'status': 200, 'message': None}
        choice['finish'] = gemini_finish(choice, natives[index])
    return {'end': 'response', 'choices': choices,
            'usage': gemini_usage(usage or {})}


# --- OpenAI Responses ---

def responses_usage(usage):
    if not usage:
        return None
    prompt = usage.get('input_tokens_details') or {}
    completion = usage.get('output_tokens_details') or {}
    return {'prompt': usage.get('input_tokens'),
            'completion': usage.get('output_tokens'),
            'cached': prompt.get('cached_tokens'),
            'reasoning': completion.get('reasoning_tokens')}


def texts(parts):
    return [part['text'] for part in parts or [] if part.get('text')]


def add_item(choice, item, thoughts):
    kind = item.get('type')
    if kind == 'message':
        for part in item.get('content') or []:
            choice['text'] += part.get('text') or ''
            choice['refusal'] += part.get('refusal') or ''
    elif kind == 'reasoning':
        thoughts += texts(item.get('summary')) or texts(item.get('content'))
    elif kind == 'function_call':
        choice['calls'].append((item.get('call_id') or '', item['name'],
                                item.get('arguments') or '{}'))
    elif kind == 'custom_tool_call':
        choice['calls'].append((item.get('call_id') or '', item['name'],
                                item.get('input') or ''))


def fold_items(parts):
    """The items that events say are done, or were begun, in their order."""
    items = {}
    for part in parts:
        if part.get('type') in ('response.output_item.added',
                                'response.output_item.done'):
            items[part.get('output_index', len(items))] = part['item']
    return [items[index] for index in sorted(items)]


def responses_end(parts):
    """The response object that ends the answer, None: cut off."""
    if parts[0].get('object') == 'response' or 'output' in parts[0]:
        return parts[0]
    for part in parts:
        if part.get('type') in ('response.completed', 'response.incomplete',
                                'response.failed'):
            return part['response']
    return None


def read_responses(parts, ended):
    last = responses_end(parts)
    if last is None or last.get('status') in ('queued', 'in_progress'):
        return {'end': 'error', 'status': 200, 'message': None}
    if last.get('status') == 'failed':
        return error_of(200, last)
    choice, thoughts = new_choice(), []
    for item in fold_items(parts) or last.get('output') or []:
        add_item(choice, item, thoughts)
    choice['reasoning'] = '\n\n'.join(thoughts)
    reason = (last.get('incomplete_details') or {}).get('reason')
    if reason == 'content_filter':
        choice['finish'] = 'content_filter'
    elif last.get('status') == 'incomplete':
        choice['finish'] = 'length'
    else:
        choice['finish'] = 'tool_calls' if choice['calls'] else 'stop'
    return {'end': 'response', 'choices': {0: choice},
            'usage': responses_usage(last.get('usage'))}


# --- Cohere v2 ---

COHERE_FINISHES = {'COMPLETE': 'stop', 'STOP_SEQUENCE': 'stop',
                   'MAX_TOKENS': 'length', 'TOOL_CALL': 'tool_calls'}


def cohere_usage(usage):
    billed, tokens = usage.get('billed_units'), usage.get('tokens') or {}
    counts = billed or tokens
    if not counts:
        return None
    return {'prompt': counts.get('input_tokens'),
            'completion': counts.get('output_tokens'),
            'cached': None if billed else usage.get('cached_tokens'),
            'reasoning': tokens.get('reasoning_tokens')}


def cohere_citations(citations):
    """(start, end, address) of what cites the text."""
    for one in citations or []:
        if one.get('type', 'TEXT_CONTENT') != 'TEXT_CONTENT':
            continue
        for source in one.get('sources') or []:
            data = source.get('document') or source.get('tool_output') or {}
            yield (one['start'], one['end'], data.get('url') or
                   '%s:%s' % (source['type'], source.get('id', '')))


def fold_cohere(parts):
    """The message that the events of a stream build, and its last event."""
    message = {'content': {}, 'tool_plan': '', 'tool_calls': {},
               'citations': []}
    last = None
    for part in parts:
        kind, piece = part.get('type'), part.get('delta') or {}
        piece_of = piece.get('message') or {}
        if kind == 'message-end':
            last = piece
        elif kind in ('content-start', 'content-delta'):
            block = message['content'].setdefault(part['index'], {})
            for name in ('text', 'thinking'):
                block[name] = (block.get(name, '') +
                               piece_of['content'].get(name, ''))
        elif kind == 'tool-plan-delta':
            message['tool_plan'] += piece_of['tool_plan']
        elif kind == 'tool-call-start':
            message['tool_calls'][part['index']] = piece_of['tool_calls']
        elif kind == 'tool-call-delta':
            call = message['tool_calls'][part['index']]['function']
            call['arguments'] += piece_of['tool_calls']['function'][
                'arguments']
        elif kind == 'citation-start':
            message['citations'].append(piece_of['citations'])
    for name in ('content', 'tool_calls'):
        message[name] = [message[name][index] for index
                         in sorted(message[name])]
    return message, last


def read_cohere(parts, ended):
    if 'type' in parts[0]:
        message, last = fold_cohere(parts)
    else:
        message, last = parts[0].get('message'), parts[0]
    if last is None or last['finish_reason'] in ('ERROR', 'TIMEOUT'):
        return {'end': 'error', 'status': 200,
                'message': (last or {}).get('error')}
    choice = new_choice()
    choice['reasoning'] = message.get('tool_plan') or ''
    for block in message.get('content') or []:
        choice['text'] += block.get('text') or ''
        choice['reasoning'] += block.get('thinking') or ''
    for call in message.get('tool_calls') or []:
        arguments = call['function'].get('arguments')
        choice['calls'].append((call['id'], call['function']['name'],
                                '{}' if arguments in (None, '', 'null')
                                else arguments))
    choice['cited'] = list(cohere_citations(message.get('citations')))
    choice['finish'] = COHERE_FINISHES.get(last['finish_reason'], 'stop')
    return {'end': 'response', 'choices': {0: choice},
            'usage': cohere_usage(last.get('usage') or {})}


# --- Ollama's own chat ---

def read_ollama(parts, ended):
    choice, last = new_choice(), None
    for part in parts:
        message = part.get('message') or {}
        choice['text'] += message.get('content') or ''
        choice['reasoning'] += message.get('thinking') or ''
        choice['calls'] += [(call.get('id') or '', call['function']['name'],
                             call['function'].get('arguments') or {})
                            for call in message.get('tool_calls') or []]
        if part.get('done'):
            last = part
            break
    if last is None:
        return {'end': 'error', 'status': 200, 'message': None}
    choice['finish'] = 'length' if last.get('done_reason') == 'length' else \
        'tool_calls' if choice['calls'] else 'stop'
    return {'end': 'response', 'choices': {0: choice},
            'usage': {'prompt': last.get('prompt_eval_count'),
                      'completion': last.get('eval_count'),
                      'cached': last.get('prompt_eval_cached_count'),
                      'reasoning': None}}


# --- embeddings ---

def float32(number):
    """The nearest of 32 bits, as a program has it that reads floats."""
    return struct.unpack('<f', struct.pack('<f', number))[0]


def vector_of(value):
    if isinstance(value, str):
        raw = base64.b64decode(value, validate=True)
        return list(struct.unpack('<%df' % (len(raw) // 4), raw))
    return [float32(number) for number in value]


def unit(vector):
    length = math.sqrt(sum(x * x for x in vector)) or 1
    return [x / length for x in vector]


def bare_vectors(whole):
    """Lists of numbers, each a vector; None: there are none."""
    vectors = whole.get('embeddings')
    if isinstance(vectors, dict):
        vectors = vectors.get('float')
    return vectors if vectors and isinstance(vectors[0], list) else None


def read_embeddings(parts, ended):
    whole = parts[0]
    if 'data' in whole: # OpenAI's form
        rows = [(one.get('index', place), vector_of(one['embedding']))
                for place, one in enumerate(whole['data'])]
        rows.sort(key=lambda row: row[0])
        usage = whole.get('usage') or {}
        tokens = usage.get('prompt_tokens', usage.get('total_tokens'))
    elif bare_vectors(whole): # Cohere's and Ollama's
        rows = list(enumerate(map(vector_of, bare_vectors(whole))))
        billed = (whole.get('meta') or {}).get('billed_units') or {}
        tokens = billed.get('input_tokens', whole.get('prompt_eval_count'))
    elif 'predictions' in whole: # Google's older models on Vertex AI
        found = [one['embeddings'] for one in whole['predictions']]
        rows = list(enumerate(vector_of(one['values']) for one in found))
        tokens = sum(one['statistics']['token_count'] for one in found)
    else: # Google's
        rows = list(enumerate(
            vector_of(one['values']) for one in
            whole.get('embeddings') or [whole['embedding']]))
        tokens = None
    return {'end': 'response', 'vectors': [vector for _, vector in rows],
            'usage': {'prompt': tokens}}


# --- Bedrock Converse ---

CONVERSE_STOPS = {'end_turn': 'stop', 'stop_sequence': 'stop',
                  'tool_use': 'tool_calls', 'max_tokens': 'length',
                  'model_context_window_exceeded': 'length',
                  'guardrail_intervened': 'content_filter',
                  'content_filtered': 'content_filter',
                  'refusal': 'content_filter'}


def converse_usage(usage):
    """Counts leave the cache out."""
    if not usage:
        return None
    read = usage.get('cacheReadInputTokens')
    return {'prompt': (usage.get('inputTokens') or 0) + (read or 0) +
            (usage.get('cacheWriteInputTokens') or 0),
            'completion': usage.get('outputTokens'),
            'cached': read, 'reasoning': None}


def fold_converse(parts):
    """The message that the events build, its end, its usage."""
    blocks, stop, usage = {}, None, None
    for part in parts:
        (name, event), = part.items()
        block = blocks.setdefault(event.get('contentBlockIndex'), {})
        if name == 'contentBlockStart' and 'toolUse' in event['start']:
            block['toolUse'] = dict(event['start']['toolUse'], input='')
        elif name == 'contentBlockDelta':
            delta = event['delta']
            if 'text' in delta:
                block['text'] = block.get('text', '') + delta['text']
            if 'toolUse' in delta:
                block['toolUse']['input'] += delta['toolUse']['input']
            if 'reasoningContent' in delta:
                thought = block.setdefault('reasoningContent', {}).setdefault(
                    'reasoningText', {'text': ''})
                thought['text'] += delta['reasoningContent'].get('text', '')
        elif name == 'messageStop':
            stop = event['stopReason']
        elif name == 'metadata':
            usage = event.get('usage')
    return [blocks[index] for index in blocks], stop, usage


def add_converse(choice, block):
    choice['text'] += block.get('text') or ''
    for part in (block.get('citationsContent') or {}).get('content') or []:
        choice['text'] += part.get('text') or ''
    thought = block.get('reasoningContent') or {}
    choice['reasoning'] += (thought.get('reasoningText') or {}).get(
        'text') or ''
    call = block.get('toolUse')
    if call and call.get('type') != 'server_tool_use':
        arguments = call['input']
        choice['calls'].append((call['toolUseId'], call['name'],
                                '{}' if arguments == '' else arguments))


def read_converse(parts, ended):
    if len(parts) == 1 and 'output' in parts[0]:
        content = parts[0]['output']['message']['content']
        stop, usage = parts[0]['stopReason'], parts[0].get('usage')
    else:
        content, stop, usage = fold_converse(parts)
    if not stop:
        return {'end': 'error', 'status': 200, 'message': None}
    choice = new_choice()
    for block in content:
        add_converse(choice, block)
    choice['finish'] = CONVERSE_STOPS.get(stop, 'stop')
    choice['finish'] = chat_finish(choice)
    return {'end': 'response', 'choices': {0: choice},
            'usage': converse_usage(usage)}


# --- models ---

def read_models(parts, ended):
    """Names in their order, each once; Google's without their collection."""
    whole = parts[0] if isinstance(parts[0], dict) else {}
    rows = whole.get('data') or whole.get('models') or \
        ([] if {'data', 'models'} & set(whole) else parts)
    names = []
    for row in rows:
        name = row.get('id') or re.sub('^models/', '', row['name'])
        created = row.get('created')
        if name not in [known for known, _ in names]:
            names.append((name, created if created and created > 0 else 0))
    return {'end': 'response', 'models': names}


READERS = {'embeddings': read_embeddings, 'models': read_models,
           'responses': read_responses, 'chat': read_chat,
           'messages': read_messages, 'generateContent': read_gemini,
           'cohere': read_cohere, 'ollama': read_ollama,
           'converse': read_converse}


# --- what the program printed ---

def fold_chunks(chunks):
    """Add up chunks, and see that they keep the order they promise."""
    choices, calls, usage = {}, {}, None
    for chunk in chunks:
        if usage is not None:
            raise Unreadable('a chunk after the usage')
        if not chunk['choices']:
            usage = chunk['usage']
        for one in chunk['choices']:
            index = one['index']
            if index not in choices and 'role' not in one['delta']:
                raise Unreadable('the first chunk is not the role')
            choice = choices.setdefault(index, new_choice())
            if choice['finish']:
                raise Unreadable('a chunk after the finish')
            add_delta(choice, one['delta'], calls.setdefault(index, {}))
            choice['finish'] = one['finish_reason']
    for index, choice in choices.items():
        choice['calls'] = [tuple(call) for _, call
                           in sorted(calls[index].items())]
    return {'end': 'response', 'choices': choices,
            'usage': chat_usage(usage)}


def read_response(response):
    choices = {}
    if response.get('object') == 'list' and \
            any(one['object'] == 'model' for one in response['data']):
        return {'end': 'response',
                'models': [(one['id'].split('/', 1)[1], one['created'])
                           for one in response['data']]}
    if response.get('object') == 'list':
        for place, one in enumerate(response['data']):
            if one['index'] != place:
                raise Unreadable('vector %d is out of order' % place)
        return read_embeddings([response], True)
    for one in response['choices']:
        message = one['message']
        choice = choices.setdefault(one['index'], new_choice())
        calls = {}
        add_delta(choice, message, calls)
        choice['calls'] = [tuple(call) for _, call in sorted(calls.items())]
        choice['cited'] = [(it['start_index'], it['end_index'], it['url'])
                           for it in (note['url_citation'] for note in
                                      message.get('annotations') or []
                                      if 'url_citation' in note)]
        choice['finish'] = one['finish_reason']
    return {'end': 'response', 'choices': choices,
            'usage': chat_usage(response.get('usage'))}


def read_output(lines):
    """What llmgw-wire printed for one recording: (end, folded chunks)."""
    values = [json.loads(line) for line in lines]
    last = values[-1]
    folded = fold_chunks(values[:-1]) if len(values) > 1 else None
    if 'response' in last:
        return read_response(last['response']), folded
    if 'error' in last:
        error = last['error']
        return {'end': 'error', 'status': error['upstream_status'],
                'message': error['message']}, folded
    return {'end': 'unsupported'}, None
