#!/usr/bin/env python3
"""Are there members in our requests that the Messages API never took?

anthropic_shapes.py PROGRAM

Every request of the fixtures and goldens is encoded with llmgw-wire; each path
of members in the bodies ("tools[].name") must occur in a recorded request that
was answered with 200, or be in DOCUMENTED, with where it is documented. What a
type is matters too: "messages[].content[]{image}.source{base64}.data".

Schemas and inputs are the host's own: their insides are not looked at. Nor are
members that the host wrote itself and that pass as they stand (PASSED).
Without LLMGW_SHARED in the environment there are no recordings: exit 77.
Standard library only.
"""
import glob
import json
import os
import subprocess
import sys

import corpus

HERE = os.path.dirname(os.path.abspath(__file__))
PASSED = {'thinking', 'output_config', 'speed', 'inference_geo', 'container',
          'context_management', 'fallbacks', 'mcp_servers', 'diagnostics',
          'system', 'cache_control'}
RENDERED = {'messages', 'tools', 'llmgw', 'model'}
FREE = {'input', 'input_schema', 'schema'}
BLOCK = 'messages[].content[]'
RESULT = BLOCK + '{tool_result}'

# Path: page of the Messages API's documentation that has it.
DOCUMENTED = {
    'metadata': 'Create a Message: metadata',
    'metadata.user_id': 'Create a Message: metadata',
    'service_tier': 'Service tiers',
    'top_k': 'Create a Message: top_k',
    'top_p': 'Create a Message: top_p',
    'tool_choice{any}.disable_parallel_tool_use': 'Parallel tool use',
    'thinking{between_tools}.type': 'Adaptive thinking: between tools',
    'tools[].eager_input_streaming': 'Fine-grained tool streaming',
    RESULT + '.content[]{document}.source': 'Tool use: tool_result content',
    RESULT + '.content[]{document}.source{base64}.data': 'PDF support',
    RESULT + '.content[]{document}.source{base64}.media_type': 'PDF support',
    RESULT + '.content[]{document}.source{base64}.type': 'PDF support',
    RESULT + '.content[]{document}.title': 'PDF support',
    RESULT + '.content[]{document}.type': 'Tool use: tool_result content',
}


def kind_of(value):
    kind = value.get('type')
    return '{%s}' % kind if isinstance(kind, str) else ''


def paths(value, at=''):
    """Every member there is, by its path; of a typed object, with its type."""
    if isinstance(value, list):
        for one in value:
            yield from paths(one, at + '[]')
    elif isinstance(value, dict):
        # a tool's type may be left out: it is no other object then
        at += '' if at == 'tools[]' else kind_of(value)
        for name, one in value.items():
            path = (at + '.' if at else '') + name
            yield path
            if name not in FREE:
                yield from paths(one, path)


def recorded(shared):
    """Paths in requests that were accepted."""
    found = set()
    for path in corpus.recordings(shared, 'anthropic').values():
        with open(path, encoding='utf-8') as file:
            recording = json.load(file)
        body = recording['request']['body']
        if recording['response']['status'] == 200 and isinstance(body, dict):
            found.update(paths(body))
    return found


def cases(path):
    """(name, model, request) of a file of one or several examples."""
    with open(path, encoding='utf-8') as file:
        whole = json.load(file)
    for case in whole.get('cases') or [{}]:
        both = dict(whole, **case)
        if both.get('provider') == 'anthropic' and both.get('openai_request') \
                and both.get('provider_request') is not None:
            yield (os.path.basename(path) + ': ' + both['name'],
                   both['model'], both['openai_request'])


def encode(program, model, request):
    done = subprocess.run([program, 'encode', '--provider', 'anthropic',
                           '--model', model],
                          input=json.dumps(request).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    return json.loads(done.stdout.decode()).get('body')


def written_by_host(request):
    """What passes as it stands, in the places where it ends up."""
    passed = {name: value for name, value in request.items()
              if name in PASSED or (name not in RENDERED and request.get(
                  'llmgw', {}).get('pass_unknown'))}
    passed['tools'] = [tool for tool in request.get('tools') or []
                       if tool['type'] != 'function' and 'custom' not in tool]
    passed['messages'] = [
        {'content': message['llmgw']['content']}
        for message in request.get('messages') or []
        if message.get('llmgw', {}).get('family') == 'anthropic']
    return passed


def unknown(body, request, accepted):
    """Paths that nobody vouches for; the host does for what it wrote."""
    own = set(paths(written_by_host(request)))
    for path in sorted(set(paths(body))):
        if path not in accepted and path not in own:
            yield path


def notices_inventions(accepted):
    """Members that no request of the API ever had."""
    wrong = ({'invented': 1}, {'thinking': {'type': 'enabled', 'effort': 1}},
             {'messages': [{'content': [{'type': 'image', 'url': ''}]}]},
             {'messages': [{'role': 'user', 'name': 'x'}]},
             {'tools': [{'name': 'f', 'parameters': {}}]})
    return all(list(unknown(body, {}, accepted)) for body in wrong)


def main(program):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    tests = os.path.dirname(HERE)
    files = [path for pattern in
             (os.path.join(tests, 'fixtures', 'anthropic', '*.json'),
              os.path.join(tests, 'fixtures', 'golden', 'anthropic-*.json'),
              os.path.join(shared, 'wire', 'golden', 'anthropic', '*.json'))
             for path in sorted(glob.glob(pattern))]
    accepted = recorded(shared) | set(DOCUMENTED)
    emitted, failing, count = set(), 0, 0
    for path in files:
        for name, model, request in cases(path):
            body = encode(program, model, request)
            if not body:
                continue
            count += 1
            emitted.update(paths(body))
            for one in unknown(body, request, accepted):
                failing += 1
                print('%s: %s is neither recorded nor documented' %
                      (name, one))
    for path in sorted(set(DOCUMENTED) - emitted):
        failing += 1
        print('%s is listed, but never sent' % path)
    for path in sorted(set(DOCUMENTED) & recorded(shared)):
        failing += 1
        print('%s is listed, but recorded too' % path)
    if not notices_inventions(accepted):
        failing += 1
        print('a member that was made up is not noticed')
    print('%d requests, %d paths' % (count, len(emitted)))
    return 1 if failing or not count else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
