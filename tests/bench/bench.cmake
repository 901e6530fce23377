# Benchmark clients: the library's, libcurl's alone, and one that counts
# allocations. bench/run.py runs them in turn; see bench/README.md.

function(llmgw_bench_program name)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE _POSIX_C_SOURCE=200809L
    _DEFAULT_SOURCE)
  target_compile_options(${name} PRIVATE ${LLMGW_WARNINGS})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${LLMGW_TEST_OUTPUT})
endfunction()

llmgw_bench_program(llmgw-bench bench/bench.c bench/measure.c)
target_link_libraries(llmgw-bench PRIVATE llmgw_static)
llmgw_link_small(llmgw-bench)
llmgw_bench_program(llmgw-bench-raw bench/raw_curl.c bench/measure.c)
target_link_libraries(llmgw-bench-raw PRIVATE CURL::libcurl llmgw::cjson)
llmgw_test_program(llmgw-bench-count bench/bench.c)
target_sources(llmgw-bench-count PRIVATE bench/measure.c)
target_compile_definitions(llmgw-bench-count PRIVATE BENCH_COUNTS_ALLOCATIONS)

llmgw_bench_program(llmgw-bench-encode bench/encode.c support/conversation.c
  bench/measure.c support/dialect_run.c)
target_link_libraries(llmgw-bench-encode PRIVATE llmgw_static CURL::libcurl
  llmgw::cjson)
target_include_directories(llmgw-bench-encode PRIVATE ${PROJECT_SOURCE_DIR}/lib)

# Nanoseconds to read one streamed chunk, no network.
llmgw_bench_program(micro_json bench/micro_json.c)
target_link_libraries(micro_json PRIVATE llmgw_static)
target_include_directories(micro_json PRIVATE ${PROJECT_SOURCE_DIR}/lib)

if(Python3_Interpreter_FOUND)
  llmgw_guard(bench_smoke bench ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_SOURCE_DIR}/bench/run.py ${PROJECT_BINARY_DIR} --smoke)
else()
  llmgw_guard(bench_smoke bench
    sh -c "echo 'skip: python3 is not installed'; exit 77")
endif()
