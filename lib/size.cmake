# How large the library is on disk: small code where a call passes once, fast
# code where every chunk of a stream does; nothing that nobody reaches; one bit
# instead of 24 bytes for each pointer in a table.

include(CheckCSourceCompiles)
include(CheckLinkerFlag)

set(fast "/base/(json[a-z]+|text|utf8|rope|arena|timers)\\.c$")
string(APPEND fast "|/wire/(sse|framing|http_answer|http_multi|poller[a-z_]*)\\.c$")
string(APPEND fast "|/stream/|/call/(call|driver|attempt_answer)\\.c$")
string(APPEND fast "|/provider/[a-z]+_(decode|read|record|usage)\\.c$")
string(APPEND fast "|/provider/[a-z]+_(answer|candidate|known)\\.c$")
string(APPEND fast "|/(schema|api)/chunk\\.c$|/provider/openai_text\\.c$")
string(APPEND fast "|/base/floatpack\\.c$|/schema/vectors\\.c$")

if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(llmgw_objects PRIVATE
    -ffunction-sections -fdata-sections)
  foreach(source IN LISTS LLMGW_SOURCES)
    if(NOT source MATCHES "${fast}")
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS
        "$<$<NOT:$<CONFIG:Debug>>:-Os>")
    endif()
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
