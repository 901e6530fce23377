# Ledger stores that need a library of their own. It is loaded when such a store
# is asked for, so that its headers are all it takes to build.

function(llmgw_find_store name header)
  find_path(LLMGW_${name}_INCLUDE_DIR ${header} PATH_SUFFIXES ${ARGN})
  mark_as_advanced(LLMGW_${name}_INCLUDE_DIR)
  set(found OFF)
  if(LLMGW_${name}_INCLUDE_DIR)
    set(found ON)
  endif()
  option(LLMGW_WITH_${name} "ledgers in ${name}" ${found})
  if(LLMGW_WITH_${name} AND NOT found)
    message(FATAL_ERROR "LLMGW_WITH_${name}: ${header} was not found")
  endif()
endfunction()

function(llmgw_add_store target name)
  if(LLMGW_WITH_${name})
    target_compile_definitions(${target} PUBLIC LLMGW_WITH_${name})
    target_include_directories(${target} PRIVATE ${LLMGW_${name}_INCLUDE_DIR})
  endif()
endfunction()

llmgw_find_store(SQLITE sqlite3.h)
if(WIN32) # the outbox is a POSIX file
  set(LLMGW_WITH_POSTGRES OFF)
else()
  llmgw_find_store(POSTGRES libpq-fe.h postgresql pgsql)
endif()

# What is of a store that is not built in is no source.
function(llmgw_leave_out_stores sources)
  set(kept ${${sources}})
  if(NOT LLMGW_WITH_SQLITE)
    list(FILTER kept EXCLUDE REGEX "/account/(store_)?sqlite[^/]*$")
  endif()
  if(NOT LLMGW_WITH_POSTGRES)
    list(FILTER kept EXCLUDE REGEX
      "/account/((store_)?postgres[^/]*|outbox[.]c)$")
  endif()
  set(${sources} ${kept} PARENT_SCOPE)
endfunction()

function(llmgw_add_stores target)
  llmgw_add_store(${target} SQLITE)
  llmgw_add_store(${target} POSTGRES)
endfunction()

# Files of stores that are not built in; C has no empty ones.
function(llmgw_leave_out_stores sources)
  if(NOT LLMGW_WITH_SQLITE)
    list(FILTER ${sources} EXCLUDE REGEX "account/(store_)?sqlite[a-z_]*[.]c$")
  endif()
  if(NOT LLMGW_WITH_POSTGRES)
    list(FILTER ${sources} EXCLUDE
      REGEX "account/((store_)?postgres[a-z_]*|outbox)[.]c$")
  endif()
  set(${sources} ${${sources}} PARENT_SCOPE)
endfunction()
