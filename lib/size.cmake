# How large the library is on disk: small code where a call passes once, fast
# code where every chunk of a stream does; nothing that nobody reaches; one bit
# instead of 24 bytes for each pointer in a table.

include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckLinkerFlag)

check_c_compiler_flag(-Oz LLMGW_COMPILER_KNOWS_OZ) # clang, GCC 12
set(LLMGW_SMALLEST -Os)
if(LLMGW_COMPILER_KNOWS_OZ)
  set(LLMGW_SMALLEST -Oz)
endif()
if(CMAKE_C_COMPILER_ID STREQUAL "GNU") # at -Oz too, these make code larger
  list(APPEND LLMGW_SMALLEST -fno-caller-saves -fno-jump-tables
    -fno-thread-jumps -fno-tree-dominator-opts
    -Wno-error=maybe-uninitialized) # without them GCC takes more for such
endif()

set(fast "/base/(text|utf8|arena|timers)\\.c$")
string(APPEND fast
  "|/base/json(index|mould|pull|scan|string|write)\\.c$")
string(APPEND fast "|/wire/(sse|framing|http_answer|poller_epoll)\\.c$")
string(APPEND fast "|/stream/(line|order)\\.c$")
string(APPEND fast "|/call/(call|attempt_answer)\\.c$")
string(APPEND fast "|/provider/([a-z]+_decode|anthropic_record)\\.c$")
string(APPEND fast "|/provider/gemini_(known|usage)\\.c$")
string(APPEND fast "|/api/chunk\\.c$")
string(APPEND fast "|/base/floatpack\\.c$|/schema/vectors\\.c$")

# Unwind tables are a sixth of the library, and serve what it does not do: no
# exception may pass through it (C++ then calls std::terminate, at the throw).
# A debugger needs none where there is -g. What is lost is a stack that a host
# walks itself, in a crash report or a profiler: it ends where the library
# begins. With the option the tables stay wherever code of the host's may run
# further up: in rooms that call it, and in what hands a chunk on. Where size is
# not what matters (Debug, sanitizers) all of them stay; there flow_backtrace
# walks such stacks.
option(LLMGW_UNWIND_TABLES "let hosts walk the stack below their callbacks" OFF)
set(host_above "/(account|call|stream|wire)/")
string(APPEND host_above "|/api/(ask|call|chat|embed|gateway|ledger|loop|models)")
string(APPEND host_above "|/base/(random|timers)\\.c$|/schema/ids\\.c$")

function(llmgw_leaves_tables_out source result)
  set(hands_on "")
  if(source MATCHES "/provider/")
    file(STRINGS ${source} hands_on REGEX "emit")
  endif()
  set(${result} ON PARENT_SCOPE)
  if(NOT UNIX OR APPLE OR LLMGW_SANITIZE OR (LLMGW_UNWIND_TABLES AND
     (hands_on OR source MATCHES "${host_above}")))
    set(${result} OFF PARENT_SCOPE)
  endif()
endfunction()

if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(llmgw_objects PRIVATE
    -ffunction-sections -fdata-sections)
  foreach(source IN LISTS LLMGW_SOURCES)
    set(options "")
    if(NOT source MATCHES "${fast}")
      list(APPEND options ${LLMGW_SMALLEST})
    else()
      list(APPEND options -falign-functions=1)
      if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        list(APPEND options -falign-jumps=1 -falign-loops=1)
      endif()
    endif()
    llmgw_leaves_tables_out(${source} no_tables)
    if(no_tables)
      list(APPEND options -fno-asynchronous-unwind-tables)
    endif()
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS
      "$<$<NOT:$<CONFIG:Debug>>:${options}>")
  endforeach()
endif()

# Packed relocations (DT_RELR) are known to glibc from 2.36 on, and the linker
# that offers them says so in what it links.
function(llmgw_link_small name)
  if(NOT UNIX OR APPLE)
    return()
  endif()
  # its pages need not begin anew where code ends and tables begin
  target_link_options(${name} PRIVATE -Wl,--gc-sections -Wl,-z,noseparate-code)
  check_c_source_compiles("
    #include <features.h>
    #if !__GLIBC_PREREQ(2, 36)
    #error older
    #endif
    int main(void) { return 0; }" LLMGW_GLIBC_KNOWS_RELR)
  check_linker_flag(C "-Wl,-z,pack-relative-relocs" LLMGW_LINKER_KNOWS_RELR)
  if(LLMGW_GLIBC_KNOWS_RELR AND LLMGW_LINKER_KNOWS_RELR)
    target_link_options(${name} PRIVATE -Wl,-z,pack-relative-relocs)
  endif()
endfunction()
