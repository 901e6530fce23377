"""Recorded requests of every dialect in OpenAI's form: what they say, how much
of it, with which tools; not how. Standard library only.

to_chat() raises Elsewhere where what was read is not all in the request.
"""
import json

import reader

ROLES = {'model': 'assistant', 'ai': 'assistant', 'tool': 'user',
         'function': 'user', 'CHATBOT': 'assistant', 'USER': 'user',
         'SYSTEM': 'system', 'TOOL': 'user', 'ipython': 'user'}
PIXEL = 'https://example.com/i'


class Elsewhere(Exception):
    """What was read is not in the request."""


def dump(value):
    return value if isinstance(value, str) else json.dumps(
        value, ensure_ascii=False, separators=(',', ':'))


def text_part(text):
    return {'type': 'text', 'text': dump(text)}


def image_part(data=''):
    return {'type': 'image_url', 'image_url': {
        'url': data if isinstance(data, str) and data else PIXEL}}


def file_part(data):
    return {'type': 'file', 'file': {'file_data': dump(data) or PIXEL}}


def audio_part(data):
    return {'type': 'input_audio', 'input_audio': {
        'data': dump(data) or 'AAAA', 'format': 'wav'}}


def media_part(kind, data):
    """By MIME type."""
    if kind.startswith('image/'):
        return image_part('data:%s;base64,%s' % (kind, data or 'AAAA'))
    if kind.startswith('audio/'):
        return audio_part(data)
    if kind.startswith('text/'):
        return text_part(data or '')
    return file_part('data:%s;base64,%s' % (kind, data or 'AAAA'))


def source_part(block):
    source = block.get('source') or {}
    if not isinstance(source, dict):
        return file_part('AAAA')
    kind = source.get('media_type') or (
        'image/png' if block['type'] == 'image' else 'application/pdf')
    if source.get('type') == 'file' or 'file_id' in source:
        raise Elsewhere('a file by its id')
    if source.get('type') == 'text':
        return text_part(source.get('data') or '')
    if source.get('type') == 'content':
        return text_part(source.get('content'))
    if source.get('type') == 'url':
        return image_part(source['url']) if block['type'] == 'image' else \
            file_part(source['url'])
    return media_part(kind, source.get('data'))


def block_part(block):
    """A part of OpenAI's, Anthropic's, Cohere's or the Responses API's; None:
    it is a call."""
    if isinstance(block, str):
        return text_part(block)
    kind = block.get('type') or ('text' if 'text' in block else '')
    if kind in ('server_tool_use', 'web_search_tool_result', 'mcp_tool_use'):
        raise Elsewhere('a tool that the provider runs')
    if kind in ('tool_use', 'function_call'):
        return None
    if kind in ('image', 'document') and 'source' in block:
        return source_part(block)
    if kind in ('image_url', 'input_image', 'image'):
        url = block.get('image_url') or block.get('image')
        if block.get('file_id'):
            raise Elsewhere('a file by its id')
        return image_part(url.get('url') if isinstance(url, dict) else url)
    if kind in ('file', 'input_file', 'document_url', 'document'):
        inside = block.get('file') or block
        if inside.get('file_id'):
            raise Elsewhere('a file by its id')
        if kind == 'document' and 'document' in block:
            return text_part(block['document'])
        return file_part(inside.get('file_data') or inside.get('file_url') or
                         inside.get('document_url') or PIXEL)
    if kind in ('input_audio', 'audio_url'):
        return audio_part((block.get('input_audio') or {}).get('data')
                          if isinstance(block.get('input_audio'), dict)
                          else block.get('input_audio'))
    if kind in ('video', 'video_url', 'input_video'):
        raise Elsewhere('a video')
    for name in ('text', 'content', 'thinking', 'refusal', 'output'):
        if block.get(name) is not None:
            inside = block[name]
            if isinstance(inside, list) and all(
                    isinstance(one, dict) for one in inside) and \
                    any('source' in one for one in inside):
                return [block_part(one) for one in inside]
            return text_part(inside)
    return text_part(block)


def call_of(name, arguments):
    return {'id': 'c', 'type': 'function', 'function': {
        'name': name or 'f', 'arguments': dump(arguments or {})}}


def flat(parts):
    for part in parts:
        if isinstance(part, list):
            yield from flat(part)
        elif part:
            yield part


def message(role, blocks, calls=()):
    role = ROLES.get(role, role)
    parts = list(flat(block_part(block) for block in blocks))
    calls = list(calls) + [
        call_of(block.get('name'), block.get('input') or
                block.get('arguments')) for block in blocks
        if isinstance(block, dict) and block_part(block) is None]
    out = {'role': role}
    if role in ('assistant', 'system', 'developer'):
        out['content'] = ''.join(part['text'] for part in parts
                                 if part['type'] == 'text')
        if role == 'assistant' and calls:
            out['tool_calls'] = calls
    else:
        out['role'] = 'user'
        out['content'] = parts or ''
    return out


def as_list(content):
    if content is None:
        return []
    return content if isinstance(content, list) else [content]


def from_messages(body):
    """OpenAI's, Anthropic's, Cohere's, Ollama's."""
    out = []
    if body.get('system'):
        out.append(message('system', as_list(body['system'])))
    if body.get('preamble'):
        out.append(message('system', [body['preamble']]))
    for one in body.get('chat_history') or []:
        out.append(message(one['role'], [one.get('message') or '']))
    if isinstance(body.get('message'), str):
        out.append(message('user', [body['message']]))
    for one in body.get('messages') or []:
        calls = [call_of(call['function'].get('name'),
                         call['function'].get('arguments'))
                 for call in one.get('tool_calls') or []
                 if isinstance(call.get('function'), dict)]
        blocks = as_list(one.get('content'))
        for name in ('reasoning_content', 'reasoning', 'tool_plan'):
            if isinstance(one.get(name), str):
                blocks = blocks + [one[name]]
        blocks = blocks + [{'type': 'image_url', 'image_url': {
            'url': 'data:image/png;base64,' + image}}
            for image in one.get('images') or [] if isinstance(image, str)]
        out.append(message(one['role'], blocks, calls))
    return out


def gemini_blocks(parts):
    for part in parts if isinstance(parts, list) else [parts]:
        if isinstance(part, str):
            yield part
        elif 'inlineData' in part or 'inline_data' in part:
            inline = part.get('inlineData') or part['inline_data']
            kind = inline.get('mimeType') or inline.get('mime_type') or ''
            if kind.startswith('video/'):
                raise Elsewhere('a video')
            yield {'type': 'image', 'source': {
                'type': 'base64', 'media_type': kind,
                'data': inline.get('data')}}
        elif 'fileData' in part or 'file_data' in part:
            raise Elsewhere('a file by its address')
        elif 'functionCall' in part:
            call = part['functionCall']
            yield {'type': 'tool_use', 'name': call.get('name'),
                   'input': call.get('args')}
        elif 'functionResponse' in part:
            yield dump(part['functionResponse'].get('response'))
        elif 'text' in part:
            yield part['text']
        else:
            yield dump({name: value for name, value in part.items()
                        if name != 'thoughtSignature'})


def from_gemini(body):
    system = body.get('systemInstruction') or body.get('system_instruction')
    out = []
    if system:
        out.append(message('system', list(gemini_blocks(
            system.get('parts', []) if isinstance(system, dict)
            else system))))
    contents = body.get('contents') or []
    for one in contents if isinstance(contents, list) else [contents]:
        out.append(message(one.get('role') or 'user',
                           list(gemini_blocks(one.get('parts') or []))))
    return out


def converse_blocks(blocks):
    for block in blocks:
        if 'toolUse' in block:
            yield {'type': 'tool_use', 'name': block['toolUse'].get('name'),
                   'input': block['toolUse'].get('input')}
        elif 'toolResult' in block:
            yield from converse_blocks(block['toolResult'].get('content') or
                                       [])
        elif 'image' in block:
            yield {'type': 'image', 'source': {
                'type': 'base64',
                'media_type': 'image/' + block['image'].get('format', 'png'),
                'data': (block['image'].get('source') or {}).get('bytes')}}
        elif 'document' in block:
            yield {'type': 'file', 'file_data': (
                block['document'].get('source') or {}).get('bytes')}
        elif 'video' in block:
            raise Elsewhere('a video')
        elif 'text' in block:
            yield block['text']
        elif 'json' in block:
            yield dump(block['json'])
        elif 'reasoningContent' in block:
            yield (block['reasoningContent'].get('reasoningText') or {}).get(
                'text') or ''
        elif 'cachePoint' not in block:
            yield dump(block)


def from_converse(body):
    out = []
    if body.get('system'):
        out.append(message('system', list(converse_blocks(body['system']))))
    for one in body.get('messages') or []:
        out.append(message(one['role'],
                           list(converse_blocks(one.get('content') or []))))
    return out


def from_responses(body):
    out = []
    for name in ('previous_response_id', 'conversation', 'prompt'):
        if body.get(name):
            raise Elsewhere('a conversation that the provider keeps')
    if body.get('instructions'):
        out.append(message('system', [body['instructions']]))
    for item in as_list(body.get('input')):
        if isinstance(item, str):
            out.append(message('user', [item]))
            continue
        kind = item.get('type', 'message')
        if kind == 'item_reference':
            raise Elsewhere('a conversation that the provider keeps')
        if kind == 'message':
            out.append(message(item['role'], as_list(item.get('content'))))
        elif kind == 'function_call':
            out.append(message('assistant', [], [
                call_of(item.get('name'), item.get('arguments'))]))
        elif kind == 'reasoning':
            out.append(message('assistant', [
                (part.get('text') or '') for part in
                item.get('summary') or []]))
        else:
            out.append(message('user', as_list(
                item.get('output') or item.get('content') or dump(item))))
    return out


def tool_of(tool):
    """OpenAI's, Anthropic's, Cohere's old form."""
    inside = tool.get('function') or tool.get('toolSpec') or tool
    schema = inside.get('parameters') or inside.get('input_schema') or \
        inside.get('parametersJsonSchema') or \
        (inside.get('inputSchema') or {}).get('json') or \
        inside.get('parameter_definitions')
    if not inside.get('name') or (not isinstance(schema, dict) and
                                  'description' not in inside):
        raise Elsewhere('a tool that the provider runs')
    if tool.get('type') not in (None, 'function', 'custom'):
        raise Elsewhere('a tool that the provider runs')
    out = {'name': dump(inside['name'])}
    if isinstance(inside.get('description'), str):
        out['description'] = inside['description']
    if isinstance(schema, dict):
        out['parameters'] = schema
    return {'type': 'function', 'function': out}


def tools_of(body):
    tools = body.get('tools') or (body.get('toolConfig') or {}).get('tools')
    for tool in tools if isinstance(tools, list) else [tools] if tools else []:
        declared = tool.get('functionDeclarations') or tool.get(
            'function_declarations')
        if declared:
            for one in declared:
                yield tool_of(one)
            tool = {name: value for name, value in tool.items()
                    if name not in ('functionDeclarations',
                                    'function_declarations')}
            if tool:
                raise Elsewhere('a tool that the provider runs')
        elif 'cachePoint' not in tool:
            yield tool_of(tool)
    for one in body.get('functions') or []:
        yield tool_of(one)


def schema_of(body):
    settings = body.get('generationConfig') or {}
    form = body.get('response_format') or (body.get('text') or {}).get(
        'format') or body.get('output_format') or (
        body.get('output_config') or {}).get('format') or body.get('format')
    schema = settings.get('responseSchema') or settings.get(
        'responseJsonSchema')
    if isinstance(form, dict):
        schema = (form.get('json_schema') or {}).get('schema') or \
            form.get('schema') or form.get('json_schema') or schema
        if form.get('type') == 'object':
            schema = form
    return schema if isinstance(schema, dict) else None


LIMITS = ('max_completion_tokens', 'max_tokens', 'max_output_tokens',
          'maxOutputTokens', 'maxTokens')


def limit_of(body):
    """Tokens that an answer may have; 0: not said."""
    for place in (body, body.get('generationConfig') or {},
                  body.get('inferenceConfig') or {}):
        for name in LIMITS:
            if isinstance(place.get(name), int) and place[name] > 0:
                return place[name]
    return (body.get('options') or {}).get('num_predict') or 0


def messages_of(kind, body):
    if kind == 'generateContent':
        if body.get('cachedContent'):
            raise Elsewhere('a prompt that the provider keeps')
        return from_gemini(body)
    if kind == 'converse':
        return from_converse(body)
    if kind == 'responses':
        return from_responses(body)
    return from_messages(body)


def to_chat(kind, body):
    """@return the request in OpenAI's form"""
    for name in ('web_search_options', 'search_parameters', 'plugins',
                 'connectors', 'documents', 'mcp_servers', 'container',
                 'data_sources', 'web_search', 'enable_search',
                 'citation_options', 'tool_results', 'search_mode',
                 'venice_parameters'):
        if body.get(name):
            raise Elsewhere('what the provider looks up')
    messages = messages_of(kind, body)
    if not messages:
        raise Elsewhere('no messages')
    chat = {'model': 'm', 'messages': messages}
    tools = list(tools_of(body))
    if tools:
        chat['tools'] = tools
    schema = schema_of(body)
    if schema:
        chat['response_format'] = {'type': 'json_schema', 'json_schema': {
            'name': 's', 'schema': schema}}
    if limit_of(body) > 0:
        chat['max_tokens'] = limit_of(body)
    count = body.get('n') or (body.get('generationConfig') or {}).get(
        'candidateCount')
    if isinstance(count, int) and count > 1:
        chat['n'] = count
    return chat


def answer_bytes(answer):
    total = 0
    for choice in answer['choices'].values():
        total += sum(len(choice[name].encode('utf-8', 'replace')) for name in
                     ('text', 'reasoning', 'refusal'))
        total += sum(len(dump(arguments).encode('utf-8', 'replace'))
                     for _, _, arguments in choice['calls'])
    return total
