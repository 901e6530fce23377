"""Request bodies as TypeScript literals, a member a line, so that an error's
line tells the member.
"""
import json
import os

LONGEST = 48  # of a string that is kept whole: no type tells longer ones apart

# Where a service takes more than its client's types say, the types are widened
# here, for a reason that README.md tells.
HEADS = {
    'openai': '''import type {
  ChatCompletionCreateParamsNonStreaming as Whole,
  ChatCompletionCreateParamsStreaming as Stream,
} from "openai/resources/chat/completions";
''',
    'responses': '''import type {
  ResponseCreateParamsNonStreaming, ResponseCreateParamsStreaming,
  ResponseInputItem, ResponseOutputRefusal, ResponseOutputText,
  ResponseReasoningItem,
} from "openai/resources/responses/responses";
type Said = {
  role: "assistant";
  content: (Pick<ResponseOutputText, "type" | "text"> |
    ResponseOutputRefusal)[];
};
type Thought = Omit<ResponseReasoningItem, "id"> & { id?: string };
type Wider<T> = Omit<T, "input"> & {
  input: (ResponseInputItem | Said | Thought)[];
};
type Whole = Wider<ResponseCreateParamsNonStreaming>;
type Stream = Wider<ResponseCreateParamsStreaming>;
''',
    'anthropic': '''import type {
  MessageCreateParamsNonStreaming as Whole,
  MessageCreateParamsStreaming as Stream,
} from "@anthropic-ai/sdk/resources/messages";
import type {
  MessageCreateParamsNonStreaming as BetaWhole,
  MessageCreateParamsStreaming as BetaStream,
} from "@anthropic-ai/sdk/resources/beta/messages";
type Sampling = { temperature?: number; top_p?: number; top_k?: number };
type OldWhole = Whole & Sampling;
type OldStream = Stream & Sampling;
type OldBetaWhole = BetaWhole & Sampling;
type OldBetaStream = BetaStream & Sampling;
''',
    # The client takes members of generationConfig and of the body side by side
    # and its enums as enums; on the wire their values are strings.
    'gemini': '''import type {
  Content, GenerateContentConfig, GenerationConfig, SafetySetting,
  ThinkingConfig, ThinkingLevel, Tool, ToolConfig,
} from "@google/genai";
type Wire<T> = T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : unknown extends T ? T
  : T extends (infer U)[] ? Wire<U>[]
  : { [K in keyof T]: Wire<T[K]> };
type Config = Wire<Omit<GenerationConfig, "thinkingConfig"> &
    Pick<GenerateContentConfig, "imageConfig">> & {
  thinkingConfig?: Wire<Omit<ThinkingConfig, "thinkingLevel">> & {
    thinkingLevel?: Lowercase<`${ThinkingLevel}`>;
  };
};
type Whole = {
  contents: Wire<Content[]>;
  systemInstruction?: Wire<Content>;
  tools?: Wire<Tool[]>;
  toolConfig?: Wire<ToolConfig>;
  safetySettings?: Wire<SafetySetting[]>;
  generationConfig?: Config;
} & Wire<Pick<GenerateContentConfig,
  "cachedContent" | "serviceTier" | "labels">>;
''',
}
# Models that take sampling parameters, which the client has no more.
SAMPLING = ('claude-3', 'claude-haiku-4-5', 'claude-sonnet-4-2',
            'claude-sonnet-4-5', 'claude-opus-4-6', 'claude-sonnet-4-6')


def type_of(dialect, sent):
    if dialect == 'gemini':
        return 'Whole'
    old = 'Old' if sent['body']['model'].startswith(SAMPLING) else ''
    beta = 'Beta' if 'anthropic-beta' in sent['headers'] else ''
    return old + beta + ('Stream' if sent['body'].get('stream') else 'Whole')


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
