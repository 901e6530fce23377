# What each example must print, and how the fake provider answers it.

set(chat "POST /openai/v1/chat/completions")

example_test(readme "Why is the sky blue")
example_test(stream "tokens in")
example_test(tools "A coat, yes"
  "${chat} :: with='\"role\":\"tool\"' text='A coat, yes'"
  "${chat} :: tools=1 args='{\"city\":\"Oslo\"}'")
example_test(vision "A red square"
  "${chat} :: with=data:image/png text='A red square'")
example_test(structured "Lovelace"
  "${chat} :: with=json_schema text='{\"name\":\"Ada Lovelace\",\"born\":1815}'")
example_test(failover "openai/gpt-4.1-mini: answered, HTTP 200"
  "POST /anthropic :: error=overloaded")
example_test(hedge "gpt-4.1-mini: answered, started after [1-9]"
  "POST /anthropic :: stall_before")
example_test(embeddings "[0-9]  puppy")
example_test(budget "the budget .tiny. has")
example_test(ledger_report "00:00,physics,1,0,0,0,0,[1-9]")
if(TARGET example_loop_epoll)
  example_test(loop_epoll "blue")
endif()
example_test(quickstart "claude-haiku-4-5 .*overloaded"
  "POST /anthropic :: error=overloaded")
