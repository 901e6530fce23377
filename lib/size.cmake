# How large the library is on disk: small code where a call passes once, fast
# code where every chunk of a stream does; nothing that nobody reaches; one bit
# instead of 24 bytes for each pointer in a table.

include(CheckCSourceCompiles)
include(CheckLinkerFlag)

set(fast "/base/(json[a-z]+|text|utf8|rope|arena|timers)\\.c$")
string(APPEND fast "|/wire/(sse|framing|http_answer|http_multi|poller[a-z_]*)\\.c$")
string(APPEND fast "|/stream/|/call/(call|driver|attempt_answer)\\.c$")
string(APPEND fast "|/provider/[a-z]+_(decode|read|record)\\.c$")
string(APPEND fast "|/provider/gemini_(answer|candidate|known|usage)\\.c$")
string(APPEND fast "|/(schema|api)/chunk\\.c$|/provider/openai_text\\.c$")

# Unwind tables are a sixth of the library. They stay wherever code of the
# host's may run further up the stack, so that its crash reports, profilers and
# debuggers see through us: rooms that call it, and what hands a chunk on
# (flow_backtrace holds us to it). Nothing is ever thrown through the others.
# -g brings tables for debuggers, which are stripped, everywhere.
set(host_above "/(account|call|stream|wire)/")
string(APPEND host_above "|/api/(call|chat|gateway|ledger|loop)\\.c$")
string(APPEND host_above "|/base/(random|timers)\\.c$|/schema/ids\\.c$")

function(llmgw_never_below_host source result)
  set(hands_on "")
  if(source MATCHES "/provider/")
    file(STRINGS ${source} hands_on REGEX "emit")
  endif()
  set(${result} OFF PARENT_SCOPE)
  if(UNIX AND NOT APPLE AND NOT LLMGW_SANITIZE AND NOT hands_on AND
     NOT source MATCHES "${host_above}")
    set(${result} ON PARENT_SCOPE)
  endif()
endfunction()

if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(llmgw_objects PRIVATE
    -ffunction-sections -fdata-sections)
  foreach(source IN LISTS LLMGW_SOURCES)
    set(options "")
    if(NOT source MATCHES "${fast}")
      list(APPEND options -Os)
    else()
      list(APPEND options -falign-functions=4 -falign-jumps=1)
    endif()
    llmgw_never_below_host(${source} alone)
    if(alone)
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
  target_link_options(${name} PRIVATE -Wl,--gc-sections)
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
