"""Recorded requests of the Responses API as chat requests, and back.

Written after OpenAI's documentation, not after the library, so that the two
can be compared. Standard library only.
"""

PARTS = {'input_text': 'text', 'output_text': 'text', 'text': 'text'}
# Members that are said in other places, or that only the recorder asked for.
ELSEWHERE = ('input', 'instructions', 'include', 'store', 'stream', 'text',
             'tools', 'reasoning', 'tool_choice', 'max_output_tokens', 'model')
# Members without a counterpart in a chat request.
BEYOND = ('previous_response_id', 'conversation', 'background', 'prompt',
          'truncation', 'max_tool_calls')
IDLE = {'parallel_tool_calls': True, 'temperature': 1, 'top_p': 1,
        'tool_choice': None, 'service_tier': 'auto'}


def part_to_chat(part):
    kind = part['type']
    if kind in PARTS:
        return {'type': 'text', 'text': part['text']}
    if kind == 'refusal':
        return part
    if kind == 'input_image' and 'image_url' in part:
        url = {'url': part['image_url']}
        if 'detail' in part:
            url['detail'] = part['detail']
        return {'type': 'image_url', 'image_url': url}
    if kind == 'input_file':
        file = {name: part[name] for name in
                ('file_data', 'file_id', 'filename') if name in part}
        if 'file_url' in part:
            file['file_data'] = part['file_url']
        return {'type': 'file', 'file': file}
    raise KeyError(kind)


def content_to_chat(content):
    if not isinstance(content, list):
        return content
    return [part_to_chat(part) for part in content]


def details_of(item, count):
    """A reasoning item as entries of reasoning_details."""
    entries = [{'type': 'reasoning.summary', 'summary': part['text']}
               for part in item.get('summary') or []]
    if item.get('encrypted_content'):
        entries.append({'type': 'reasoning.encrypted',
                        'data': item['encrypted_content']})
    for i, entry in enumerate(entries):
        entry.update(index=count + i, format='openai-responses-v1')
        if item.get('id'):
            entry['id'] = item['id']
    return entries


class Conversation:
    """Messages, with items of the assistant gathered in one."""

    def __init__(self):
        self.messages = []
        self.waiting = []

    def assistant(self, speaks):
        last = self.messages[-1] if self.messages else {}
        if last.get('role') != 'assistant' or speaks or self.waiting:
            self.messages.append({'role': 'assistant', 'content': None})
            last = self.messages[-1]
            if self.waiting:
                last['reasoning_details'] = self.waiting
            self.waiting = []
        return last

    def add(self, item):
        kind = item.get('type', 'message')
        if kind == 'message':
            content = content_to_chat(item['content'])
            if item['role'] == 'assistant':
                self.assistant(True)['content'] = content
            else:
                self.messages.append({'role': item['role'],
                                      'content': content})
        elif kind == 'reasoning':
            self.waiting += details_of(item, len(self.waiting))
        elif kind in ('function_call', 'custom_tool_call'):
            form = 'function' if kind == 'function_call' else 'custom'
            body = 'arguments' if form == 'function' else 'input'
            self.assistant(False).setdefault('tool_calls', []).append(
                {'id': item['call_id'], 'type': form,
                 form: {'name': item['name'], body: item[body]}})
        elif kind in ('function_call_output', 'custom_tool_call_output'):
            self.messages.append({'role': 'tool',
                                  'tool_call_id': item['call_id'],
                                  'content': content_to_chat(item['output'])})
        else:
            raise KeyError(kind)


def items_of(body):
    items = body.get('input') or []
    if isinstance(items, str):
        items = [{'role': 'user', 'content': items}]
    if body.get('instructions'):
        items = [{'role': 'system', 'content': body['instructions']}] + items
    return items


def tool_to_chat(tool):
    if tool['type'] == 'function':
        return {'type': 'function',
                'function': {name: tool[name] for name in tool
                             if name != 'type' and tool[name] is not None}}
    if tool['type'] == 'custom':
        return {'type': 'custom',
                'custom': {name: tool[name] for name in tool
                           if name != 'type'}}
    return tool


def choice_to_chat(choice):
    kind = choice.get('type') if isinstance(choice, dict) else None
    if kind in ('function', 'custom'):
        return {'type': kind, kind: {'name': choice['name']}}
    if kind == 'allowed_tools':
        return {'type': kind,
                kind: {'mode': choice['mode'],
                       'tools': list(map(choice_to_chat, choice['tools']))}}
    return choice


def to_chat(body):
    """The chat request that means the same; None: there is none."""
    talk = Conversation()
    if any(body.get(name) not in (None, False) for name in BEYOND):
        return None
    try:
        for item in items_of(body):
            talk.add(item)
    except KeyError:
        return None # an item, or a part, of a hosted tool
    chat = {name: body[name] for name in body if name not in ELSEWHERE}
    chat.update(model=body.get('model') or 'model', messages=talk.messages,
                llmgw={'pass_unknown': True})
    if body.get('tools'):
        chat['tools'] = [tool_to_chat(tool) for tool in body['tools']]
    if isinstance(body.get('tool_choice'), (str, dict)) and body.get('tools'):
        chat['tool_choice'] = choice_to_chat(body['tool_choice'])
    if body.get('max_output_tokens'):
        chat['max_completion_tokens'] = body['max_output_tokens']
    for name in ('store', 'stream', 'reasoning', 'include'):
        if body.get(name):
            chat[name] = body[name]
    text = body.get('text') or {}
    form = text.get('format') or {}
    if form.get('type') == 'json_schema':
        chat['response_format'] = {
            'type': 'json_schema',
            'json_schema': {name: form[name] for name in form
                            if name != 'type'}}
    elif form:
        chat['response_format'] = form
    if text.get('verbosity'):
        chat['verbosity'] = text['verbosity']
    return chat


# --- what went out, compared with what was recorded ---

def plain_part(part):
    kind = part['type']
    return {**part, 'type': 'text' if kind in PARTS else kind,
            'annotations': None, 'logprobs': None}


def plain_content(content):
    if isinstance(content, str):
        return [content]
    return [part['text'] if part['type'] in PARTS else plain_part(part)
            for part in content or []]


def plain_item(item):
    """An item without what does not matter: ids of what is not stored."""
    kind = item.get('type', 'message')
    if kind == 'message':
        role = {'developer': 'system'}.get(item['role'], item['role'])
        return (kind, role, plain_content(item['content']))
    if kind == 'reasoning':
        return (kind, item.get('id'),
                [part['text'] for part in item.get('summary') or []],
                item.get('encrypted_content'))
    if kind.endswith('_output'):
        return (kind, item['call_id'], plain_content(item['output']))
    return (kind, item['call_id'], item['name'],
            item.get('arguments', item.get('input')))


def plain_tool(tool):
    """A function's strict is true unless it is said otherwise."""
    tool = {name: tool[name] for name in tool if tool[name] is not None}
    if tool['type'] == 'function':
        tool.setdefault('strict', False)
        tool.setdefault('parameters', {'type': 'object', 'properties': {}})
    return tool


def says_something(item):
    """A summary that nothing is sealed with means nothing there, nor does an
    assistant's empty text."""
    if item[0] == 'reasoning':
        return item[3]
    return item[:3] != ('message', 'assistant', [''])


def differences(body, sent, adjusted):
    wanted = [item for item in map(plain_item, items_of(body))
              if says_something(item)]
    got = [plain_item(item) for item in sent.get('input', [])]
    if wanted != got:
        yield 'input: %.300r became %.300r' % (wanted, got)
    wanted = [plain_tool(tool) for tool in body.get('tools') or []]
    got = [plain_tool(tool) for tool in sent.get('tools') or []]
    if wanted != got:
        yield 'tools: %.300r became %.300r' % (wanted, got)
    for name in ('text', 'reasoning', 'max_output_tokens', 'tool_choice'):
        if body.get(name) and body[name] != sent.get(name) and \
                'tools' in sent | {'tools': name != 'tool_choice' or None} \
                and not {'max_completion_tokens', 'reasoning'} & adjusted:
            yield '%s: %r became %r' % (name, body[name], sent.get(name))
    if set(body.get('include') or []) - set(sent.get('include') or []):
        yield 'include: %r became %r' % (body['include'],
                                         sent.get('include'))
    if bool(body.get('store')) != sent['store']:
        yield 'store: %r became %r' % (body.get('store'), sent['store'])
    for name in body:
        if name not in ELSEWHERE and name not in adjusted and \
                body[name] is not None and IDLE.get(name) != body[name] and \
                sent.get(name) != body[name]:
            yield '%s: %r became %r' % (name, body[name], sent.get(name))
    for name in sent:
        if name not in body and name not in ('include', 'store',
                                             'stream_options'):
            yield '%s is new' % name
