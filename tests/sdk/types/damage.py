"""Bodies that no client's types allow: each is a sound one with one member
misspelt, of another type, or missing. The compiler has to refuse them all.
"""
MESSAGES = [{'role': 'user', 'content': 'Hi'}]
CONTENTS = [{'role': 'user', 'parts': [{'text': 'Hi'}]}]
SOUND = {
    'openai': {'model': 'm', 'messages': MESSAGES},
    'responses': {'model': 'm', 'input': MESSAGES},
    'anthropic': {'model': 'm', 'max_tokens': 9, 'messages': MESSAGES},
    'gemini': {'contents': CONTENTS},
}
DAMAGED = {
    'openai': [
        {'temprature': 1},
        {'temperature': '1'},
        {'stream': 'yes'},
        {'tool_choice': 'any'},
        {'reasoning_effort': 'much'},
        {'messages': 'Hi'},
        {'messages': [{'role': 'boss', 'content': 'Hi'}]},
        {'messages': [{'role': 'tool', 'content': 'Hi'}]},
        {'messages': [{'role': 'user', 'content': 'Hi', 'nmae': 'x'}]},
        {'messages': [{'role': 'user', 'content': [
            {'type': 'image_url', 'image_url': {'uri': 'https://x'}}]}]},
        {'tools': [{'type': 'function', 'function': {'nam': 'f'}}]},
        {'tools': [{'type': 'function', 'name': 'f'}]},
        {'response_format': {'type': 'json_schema', 'schema': {}}},
    ],
    'responses': [
        {'max_tokens': 9},
        {'max_output_tokens': '9'},
        {'reasoning_effort': 'low'},
        {'reasoning': {'efort': 'low'}},
        {'input': [{'role': 'user', 'content': [{'type': 'text',
                                                 'text': 'Hi'}]}]},
        {'input': [{'type': 'function_call', 'name': 'f'}]},
        {'tools': [{'type': 'function', 'function': {'name': 'f'}}]},
        {'include': ['everything']},
    ],
    'anthropic': [
        {'max_token': 9},
        {'max_tokens': '9'},
        {'tool_choice': 'auto'},
        {'thinking': {'type': 'enabled', 'budget': 1024}},
        {'messages': [{'role': 'user', 'content': [{'text': 'Hi'}]}]},
        {'messages': [{'role': 'user', 'content': [{
            'type': 'image', 'source': {'type': 'url',
                                        'uri': 'https://x'}}]}]},
        {'messages': [{'role': 'user', 'content': [{
            'type': 'text', 'text': 'Hi', 'cachecontrol': None}]}]},
        {'tools': [{'name': 'f', 'parameters': {'type': 'object'}}]},
        {'output_config': {'format': {'type': 'json_schema'}}},
        {'output_config': {'effort': 'much'}},
    ],
    'gemini': [
        {'content': CONTENTS},
        {'temperature': 1},
        {'generationConfig': {'top_p': 1}},
        {'generationConfig': {'topP': '1'}},
        {'generationConfig': {'responseModalities': ['SMELL']}},
        {'contents': [{'role': 'user', 'part': [{'text': 'Hi'}]}]},
        {'contents': [{'role': 'user', 'parts': [{'txt': 'Hi'}]}]},
        {'contents': [{'role': 'user', 'parts': [{
            'inlineData': {'mime_type': 'image/png', 'data': 'QQ=='}}]}]},
        {'tools': [{'functionDeclarations': [{'nam': 'f'}]}]},
        {'toolConfig': {'functionCallingConfig': {'mode': 'SOME'}}},
        {'safetySettings': [{'category': 'BAD', 'threshold': 'OFF'}]},
        {'systemInstruction': 'Be kind.'},
    ],
}


def bodies(dialect):
    """(body, is it sound?)"""
    yield SOUND[dialect], True
    for members in DAMAGED[dialect]:
        yield dict(SOUND[dialect], **members), False
