"""Request bodies as TypeScript literals, a member a line, so that an error's
line tells the member.
"""
import json
import os

LONGEST = 48  # of a string that is kept whole: no type tells longer ones apart

HEADS = {
    'openai': '''import type {
  ChatCompletionCreateParamsNonStreaming as Whole,
  ChatCompletionCreateParamsStreaming as Stream,
} from "openai/resources/chat/completions";
''',
    'responses': '''import type {
  ResponseCreateParamsNonStreaming as Whole,
  ResponseCreateParamsStreaming as Stream,
} from "openai/resources/responses/responses";
''',
    'anthropic': '''import type {
  MessageCreateParamsNonStreaming as Whole,
  MessageCreateParamsStreaming as Stream,
} from "@anthropic-ai/sdk/resources/messages";
import type {
  MessageCreateParamsNonStreaming as BetaWhole,
  MessageCreateParamsStreaming as BetaStream,
} from "@anthropic-ai/sdk/resources/beta/messages";
''',
    # The client takes members of generationConfig and of the body side by side
    # and its enums as enums; on the wire their values are strings.
    'gemini': '''import type {
  Content, GenerateContentConfig, GenerationConfig, SafetySetting, Tool,
  ToolConfig,
} from "@google/genai";
type Wire<T> = T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : unknown extends T ? T
  : T extends (infer U)[] ? Wire<U>[]
  : { [K in keyof T]: Wire<T[K]> };
type Whole = {
  contents: Wire<Content[]>;
  systemInstruction?: Wire<Content>;
  tools?: Wire<Tool[]>;
  toolConfig?: Wire<ToolConfig>;
  safetySettings?: Wire<SafetySetting[]>;
  generationConfig?: Wire<GenerationConfig &
    Pick<GenerateContentConfig, "imageConfig">>;
} & Wire<Pick<GenerateContentConfig,
  "cachedContent" | "serviceTier" | "labels">>;
''',
}


def type_of(dialect, sent):
    if dialect == 'gemini':
        return 'Whole'
    beta = 'Beta' if 'anthropic-beta' in sent['headers'] else ''
    return beta + ('Stream' if sent['body'].get('stream') else 'Whole')


def shorten(value):
    """The same to a type checker; `model` is free everywhere."""
    if isinstance(value, dict):
        return {name: shorten(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shorten(item) for item in value]
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST]
    return value


class File:
    """All that one dialect sends."""

    def __init__(self, dialect, name=None):
        self.dialect = dialect
        self.name = name or dialect
        self.lines = HEADS[dialect].splitlines()
        self.places = {}  # line -> (path, origin)
        self.seen = set()
        self.count = 0
        self.refused = {}

    def refuse(self, error):
        """A request that does not go out."""
        kind = error['kind']
        self.refused[kind] = self.refused.get(kind, 0) + 1

    def add(self, sent, origin):
        self.count += 1
        if not isinstance(sent['body'], dict):
            raise ValueError('%s: the body is no object' % origin)
        body = shorten(sent['body'])
        type_ = type_of(self.dialect, sent)
        key = type_ + json.dumps(dict(body, model='m'))
        if key in self.seen:
            return
        self.seen.add(key)
        self._line('export const r%d: %s = {' % (len(self.seen), type_), '.',
                   origin)
        self._members(body, '', origin)
        self._line('};', '.', origin)

    def begin(self):
        """The line on which the next body begins."""
        return len(self.lines) + 1

    def place(self, line):
        """(path of the member, whose request it was)"""
        return self.places[line]

    def text(self, start, end):
        return '\n'.join(self.lines[start - 1:end - 1])

    def write(self, directory):
        with open(os.path.join(directory, self.name + '.ts'), 'w',
                  encoding='utf-8') as out:
            out.write('\n'.join(self.lines) + '\n')

    def summary(self):
        refused = ', '.join('%d %s' % (count, kind) for kind, count
                            in sorted(self.refused.items()))
        return '%s: %d encoded, %d different; refused: %s' % (
            self.dialect, self.count, len(self.seen), refused or 'none')

    def _line(self, text, path, origin):
        self.lines.append(text)
        self.places[len(self.lines)] = (path, origin)

    def _members(self, tree, path, origin):
        for name, value in tree.items():
            self._value(json.dumps(name) + ': ', value,
                        path + '.' + name if path else name, origin)

    def _value(self, head, value, path, origin):
        if isinstance(value, dict) and value:
            self._line(head + '{', path, origin)
            self._members(value, path, origin)
            self._line('},', path, origin)
        elif isinstance(value, list) and value:
            self._line(head + '[', path, origin)
            for item in value:
                self._value('', item, path + '[]', origin)
            self._line('],', path, origin)
        else:
            self._line(head + json.dumps(value) + ',', path, origin)
