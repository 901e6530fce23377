#!/usr/bin/env python3
"""Test llmgw-wire at the command line: wire_cli.py PROGRAM GOLDEN...

Output and exit codes of its commands; and that "check" notices damage done to
the goldens given. Standard library only.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ''
GOLDENS = []
REQUEST = {'model': 'openai/gpt-4o', 'temperature': 0.5,
           'messages': [{'role': 'user', 'content': 'Hi'}]}
CHUNK = ('data: {"id":"c","object":"chat.completion.chunk","created":5,'
         '"model":"m","choices":[{"index":0,"delta":%s,'
         '"finish_reason":%s}]}\n\n')
STREAM = (CHUNK % ('{"role":"assistant","content":""}', 'null') +
          CHUNK % ('{"content":"caf\u00e9"}', 'null') +
          CHUNK % ('{}', '"stop"') + 'data: [DONE]\n\n')


def run(arguments, text=''):
    """(exit code, lines of standard output, standard error)"""
    done = subprocess.run([PROGRAM] + arguments, input=text.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    return (done.returncode, done.stdout.decode().splitlines(),
            done.stderr.decode())


class Encode(unittest.TestCase):
    def encode(self, request, *arguments):
        code, lines, _ = run(['encode', '--provider'] + list(arguments),
                             json.dumps(request))
        self.assertEqual(code, 0)
        self.assertEqual(len(lines), 1)
        return json.loads(lines[0])

    def test_prints_the_request_with_its_secrets_covered(self):
        sent = self.encode(REQUEST, 'openai')
        self.assertEqual(list(sent), ['method', 'url', 'headers', 'body',
                                      'adjustments'])
        self.assertEqual(sent['method'], 'POST')
        self.assertEqual(sent['url'],
                         'https://api.openai.com/v1/chat/completions')
        self.assertEqual(sent['headers']['authorization'], 'Bearer ***')
        self.assertEqual(sent['body'], dict(REQUEST, model='gpt-4o'))
        self.assertEqual(sent['adjustments'], [])

    def test_takes_the_model_with_and_without_the_provider(self):
        for model in ('gpt-4o', 'openai/gpt-4o'):
            sent = self.encode(dict(REQUEST, model=model), 'openai')
            self.assertEqual(sent['body']['model'], 'gpt-4o')
        sent = self.encode(REQUEST, 'openai', '--model', 'gpt-5')
        self.assertEqual(sent['body']['model'], 'gpt-5')
        bare = {'messages': REQUEST['messages']}
        sent = self.encode(bare, 'openai', '--model', 'gpt-5')
        self.assertEqual(sent['body']['model'], 'gpt-5')

    def test_tells_what_was_changed(self):
        sent = self.encode(dict(REQUEST, seed=5), 'anthropic',
                           '--model', 'claude-haiku-4-5')
        self.assertEqual(sent['headers']['x-api-key'], '***')
        self.assertEqual([a['param'] for a in sent['adjustments']], ['seed'])

    def test_takes_settings_of_the_provider(self):
        sent = self.encode(REQUEST, 'openai', '--setting', 'api=responses')
        self.assertEqual(sent['url'].split('/')[-1], 'responses')

    def test_prints_a_refusal_as_an_error(self):
        refused = self.encode(dict(REQUEST, n=2), 'anthropic',
                              '--model', 'claude-haiku-4-5')
        self.assertEqual(list(refused), ['error'])
        self.assertEqual(refused['error']['param'], 'n')
        refused = self.encode({'messages': 5}, 'openai')
        self.assertEqual(refused['error']['kind'], 'invalid_request')

    def test_takes_many_requests_at_once(self):
        text = json.dumps(REQUEST)
        batch = ('openai - gpt-5 %d\n%s\nopenai responses gpt-5 %d\n%s\n'
                 'google - m 2\n{}\n' % (len(text), text, len(text), text))
        code, lines, _ = run(['encode', '--batch'], batch)
        self.assertEqual(code, 0)
        sent = [json.loads(line) for line in lines]
        self.assertEqual([one.get('url', '').split('/')[-1] for one in sent],
                         ['completions', 'responses', ''])
        self.assertEqual(sent[0]['body']['model'], 'gpt-5')
        self.assertEqual(sent[2]['error']['param'], 'messages')
        spread = ('{"messages":[{"role":"user","content":"Hi"}],\n'
                  '"store":true,"metadata":{\n"a":"b\\n"\n}}')
        code, lines, _ = run(['encode', '--batch'], 'openai - m %d\n%s\n' %
                             (len(spread), spread))
        self.assertEqual((code, len(lines)), (0, 1))
        self.assertEqual(json.loads(lines[0])['body']['metadata'],
                         {'a': 'b\n'})
        for bad in ('openai\n', 'openai - m 9\n{}\n', 'nobody - m 2\n{}\n',
                    'openai - m 2\n{}'):
            code, lines, told = run(['encode', '--batch'], bad)
            self.assertEqual((code, lines), (2, []))
            self.assertIn('not a heading', told)

    def test_ignores_the_environment(self):
        os.environ['OPENAI_BASE_URL'] = 'http://elsewhere.example/v1'
        os.environ['OPENAI_API_KEY'] = 'sk-own'
        try:
            sent = self.encode(REQUEST, 'openai')
        finally:
            del os.environ['OPENAI_BASE_URL'], os.environ['OPENAI_API_KEY']
        self.assertEqual(sent['url'].split('/')[2], 'api.openai.com')
        self.assertNotIn('sk-own', json.dumps(sent))


class Decode(unittest.TestCase):
    def decode(self, text, *arguments):
        code, lines, _ = run(['decode', '--provider', 'openai'] +
                             list(arguments), text)
        return code, [json.loads(line) for line in lines]

    def test_prints_chunks_and_then_the_response(self):
        code, values = self.decode(STREAM, '--stream')
        self.assertEqual(code, 0)
        self.assertEqual([v['choices'][0]['delta'] for v in values[:3]],
                         [{'role': 'assistant', 'content': ''},
                          {'content': 'caf\u00e9'}, {}])
        message = values[-1]['response']['choices'][0]['message']
        self.assertEqual(message['content'], 'caf\u00e9')

    def test_prints_the_same_however_the_bytes_are_cut(self):
        whole = run(['decode', '--provider', 'openai', '--stream'], STREAM)
        for cut in range(1, 30):
            self.assertEqual(run(['decode', '--provider', 'openai',
                                  '--stream', '--cut', str(cut)], STREAM),
                             whole)

    def test_prints_what_a_server_sends(self):
        chunks = run(['decode', '--provider', 'openai', '--stream'],
                     STREAM)[1][:-1]
        code, lines, _ = run(['decode', '--provider', 'openai', '--sse'],
                             STREAM)
        self.assertEqual(code, 0)
        self.assertEqual(lines[::2], ['data: ' + chunk for chunk in chunks] +
                         ['data: [DONE]'])
        self.assertEqual(set(lines[1::2]), {''})
        code, lines, _ = run(['decode', '--provider', 'openai', '--sse',
                              '--status', '429'],
                             '{"error":{"message":"slow down"}}')
        self.assertEqual(code, 3)
        told = json.loads(lines[0][6:])
        self.assertEqual(told['error'], {
            'message': 'slow down', 'type': 'rate_limit_error',
            'param': None, 'code': 'rate_limit_exceeded'})
        self.assertEqual(told['llmgw']['attempts'][0]['http_status'], 429)

    def test_prints_one_line_for_a_whole_answer(self):
        code, values = self.decode(STREAM)
        self.assertEqual(code, 0)
        self.assertEqual([list(value) for value in values], [['response']])

    def test_prints_what_only_a_service_says(self):
        answer = {'choices': [{'message': {'content': 'x'},
                               'finish_reason': 'stop'}],
                  'citations': ['u'], 'provider': 'P'}
        _, values = self.decode(json.dumps(answer))
        self.assertEqual(values[0]['response']['llmgw']['vendor'],
                         {'citations': ['u'], 'provider': 'P'})

    def test_says_when_the_answer_is_an_error(self):
        code, values = self.decode(
            '{"error":{"message":"slow down"}}', '--status', '429',
            '--header', 'Retry-After: 3')
        self.assertEqual(code, 3)
        self.assertEqual(values[0]['error']['kind'], 'rate_limit')
        self.assertEqual(values[0]['error']['retry_after_ms'], 3000)
        code, values = self.decode(STREAM[:STREAM.rindex('data: {')],
                                   '--stream')
        self.assertEqual(code, 3)
        self.assertEqual(values[-1]['error']['kind'], 'protocol')
        self.assertTrue(values[-1]['error']['partial_output'])

    def test_reads_recordings(self):
        recording = {'provider': 'openai', 'endpoint_kind': 'chat',
                     'stream': True, 'model': 'm', 'request': {'url': None},
                     'response': {'status': 200, 'headers': {},
                                  'body_text': STREAM}}
        foreign = dict(recording, endpoint_kind='rerank')
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, name) for name in 'ab']
            for name, value in zip(names, (recording, foreign)):
                with open(name, 'w', encoding='utf-8') as file:
                    json.dump(value, file)
            code, lines, _ = run(['decode', '--exchange', names[0]])
            self.assertEqual((code, len(lines)), (0, 4))
            code, both, _ = run(['decode', '--exchange'] + names +
                                ['--cut', '1'])
        self.assertEqual(code, 0)
        self.assertEqual(both[1:5], lines)
        self.assertEqual(json.loads(both[0]), {'file': names[0]})
        self.assertEqual(list(json.loads(both[6])), ['unsupported'])


class Misuse(unittest.TestCase):
    def test_is_told_and_ends_with_2(self):
        for arguments in ([], ['draw'], ['encode'], ['decode'], ['check'],
                          ['encode', '--provider', 'nobody'],
                          ['decode', '--provider', 'nobody'],
                          ['decode', '--provider', 'openai', '--cut', '0'],
                          ['decode', '--provider', 'openai', '--cut'],
                          ['decode', '--provider', 'openai', '--header', 'x'],
                          ['decode', '--provider', 'openai', '--status', '1x'],
                          ['decode', '--provider', 'openai', '--endpoint',
                           'sideways'],
                          ['decode', '--exchange'],
                          ['decode', '--exchange', '/nowhere/x.json'],
                          ['check', '--golden', '/nowhere/x.json']):
            code, lines, said = run(arguments)
            self.assertEqual((code, lines), (2, []), arguments)
            self.assertTrue(said.startswith('llmgw-wire: '), arguments)

    def test_endpoints_that_are_not_known_are_named(self):
        for command in ('decode', 'encode'):
            code, _, said = run([command, '--provider', 'openai',
                                 '--endpoint', 'rerank'], '{}')
            self.assertEqual(code, 2)
            self.assertIn('rerank', said)

    def test_decodes_embeddings_of_every_wire(self):
        for provider, body in (
                ('openai', '{"data":[{"index":1,"embedding":[2]},'
                           '{"index":0,"embedding":[1]}]}'),
                ('google', '{"embeddings":[{"values":[1]},{"values":[2]}]}')):
            for cut in ('1', '1000'):
                code, lines, _ = run(['decode', '--provider', provider,
                                      '--endpoint', 'embeddings', '--cut',
                                      cut], body)
                self.assertEqual((code, len(lines)), (0, 1))
                data = json.loads(lines[0])['response']['data']
                self.assertEqual([one['embedding'] for one in data],
                                 [[1], [2]])

    def test_decodes_lists_of_models(self):
        for provider, body in (
                ('openai', '{"data":[{"id":"m"}]}'),
                ('anthropic', '{"data":[{"id":"m"}],"has_more":false}'),
                ('google', '{"models":[{"name":"models/m"}]}')):
            code, lines, _ = run(['decode', '--provider', provider,
                                  '--endpoint', 'models'], body)
            self.assertEqual((code, len(lines)), (0, 1))
            data = json.loads(lines[0])['response']['data']
            self.assertEqual(data, [{'id': provider + '/m', 'object': 'model',
                                     'created': 0, 'owned_by': provider,
                                     'llmgw': {'known': False}}])

    def test_encodes_other_endpoints(self):
        code, lines, _ = run(['encode', '--provider', 'google', '--endpoint',
                              'embeddings'], '{"model":"e","input":["a"]}')
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(lines[0])['body']['requests'][0]['content'],
                         {'parts': [{'text': 'a'}]})
        code, lines, _ = run(['encode', '--provider', 'anthropic',
                              '--endpoint', 'models'])
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(lines[0])['method'], 'GET')


def chunks(golden):
    return golden['openai_chunks']


def swap_members(chunk):
    items = list(chunk.items())
    chunk.clear()
    chunk.update(reversed(items))


def drop_entries(stream):
    body = 'body_text' if 'body_text' in stream else 'body_base64'
    del stream[body][1::2]


def case_says(case):
    return case['error'] if 'error' in case else case['usage']


DAMAGES = [
    ('a chunk lost', 'openai_chunks', lambda g: chunks(g).pop(1)),
    ('a chunk twice', 'openai_chunks',
     lambda g: chunks(g).insert(1, chunks(g)[1])),
    ('order of members', 'openai_chunks',
     lambda g: swap_members(chunks(g)[0])),
    ('final text', 'openai_final',
     lambda g: g['openai_final']['choices'][0]['message'].update(content='x')),
    ('response', 'openai_response',
     lambda g: g['openai_response'].pop('usage')),
    ('ledger', 'native_finish_reason',
     lambda g: g['usage'].update(output_text=99999)),
    ('ledger class', 'native_finish_reason',
     lambda g: g['usage'].update(audio_in=1)),
    ('estimate', 'usage_estimated', lambda g: g.pop('usage_estimated')),
    ('native reason', 'native_finish_reason',
     lambda g: g.update(native_finish_reason='tired')),
    ('replay', 'replay_content', lambda g: g['replay_content'].reverse()),
    ('error kind', 'error', lambda g: g['error'].update(kind='dns')),
    ('error words', 'error',
     lambda g: (g['error'].pop('message', 0),
                g['error'].update(message_contains='zebra'))),
    ('expectation', 'expect', lambda g: g['expect'].update(breaker=None)),
    ('body sent', 'openai_chunks',
     lambda g: g['provider_request']['body'].update(top_p=0.1)),
    ('path', 'openai_chunks',
     lambda g: g['provider_request'].update(path='/v0')),
    ('header', 'openai_chunks',
     lambda g: g['provider_request']['headers_must_include'].update(age='9')),
    ('host', 'native_finish_reason',
     lambda g: g['provider_request']['headers_must_include'].update(host='x')),
    ('nothing may leave', 'openai_chunks',
     lambda g: g.update(provider_request=None)),
    ('adjustment', 'openai_chunks',
     lambda g: g['adjustments'].append({'param': 'seed', 'action': 'dropped',
                                        'reason': 'unsupported'})),
    ('bytes', 'openai_final', lambda g: drop_entries(g['provider_stream'])),
    ('case', 'cases', lambda g: case_says(g['cases'][1]).update(code='x')),
]


class Check(unittest.TestCase):
    def check(self, golden):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, golden['name'] + '.json')
            with open(path, 'w', encoding='utf-8') as file:
                json.dump(golden, file)
            return run(['check', '--golden', path])

    def test_takes_the_goldens_as_they_are(self):
        for golden in GOLDENS:
            self.assertEqual(self.check(golden), (0, [], ''), golden['name'])

    def test_notices_every_damage(self):
        for name, member, damage in DAMAGES:
            fits = [golden for golden in GOLDENS if member in golden]
            self.assertTrue(fits, name)
            for golden in fits:
                damaged = copy.deepcopy(golden)
                damage(damaged)
                code, lines, _ = self.check(damaged)
                self.assertEqual((code, bool(lines)), (1, True),
                                 '%s: %s' % (golden['name'], name))

    def test_says_what_it_cannot_check(self):
        for other in ({'dialect': 'klingon'}, {'provider': 'nobody',
                                               'settings': {'region': 'x'}}):
            golden = dict(GOLDENS[0], **other)
            code, lines, _ = self.check(golden)
            self.assertEqual(code, 1)
            self.assertIn('not supported', lines[0])
        code, lines, _ = self.check({'name': 'v', 'vectors': {}})
        self.assertEqual(code, 1)
        self.assertIn('not supported', lines[0])

    def test_checks_signatures(self):
        vector = {
            'name': 'get-vanilla', 'method': 'GET', 'wire_path': '/',
            'host': 'example.amazonaws.com', 'body': '', 'headers': {},
            'access_key_id': 'AKIDEXAMPLE', 'session_token': None,
            'secret_access_key': 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
            'region': 'us-east-1', 'service': 'service',
            'timestamp': '20150830T123600Z',
            'signature': '5fa00fa31553b73ebf1942676e86291e'
                         '8372ff2a2260956d9b8aae1d763fbf31'}
        golden = {'name': 'v', 'vectors': {'suite': [vector]}}
        self.assertEqual(self.check(golden), (0, [], ''))
        vector['signature'] = 'no'
        code, lines, _ = self.check(golden)
        self.assertEqual(code, 1)
        self.assertIn('signature: expected no', lines[0])


if __name__ == '__main__':
    PROGRAM = sys.argv[1]
    GOLDENS = [json.load(open(path, encoding='utf-8'))
               for path in sys.argv[2:]]
    unittest.main(argv=sys.argv[:1])
