# cJSON and mbedTLS as targets, for our own build and for whoever links the
# static library. Neither brings a CMake package on every system, so they are
# found by header and library.

function(llmgw_find_dependency name header library)
  if(TARGET llmgw::${name})
    return()
  endif()
  string(TOUPPER ${name} upper)
  find_path(LLMGW_${upper}_INCLUDE_DIR ${header})
  find_library(LLMGW_${upper}_LIBRARY ${library})
  mark_as_advanced(LLMGW_${upper}_INCLUDE_DIR LLMGW_${upper}_LIBRARY)
  if(NOT LLMGW_${upper}_INCLUDE_DIR OR NOT LLMGW_${upper}_LIBRARY)
    set(llmgw_missing ${llmgw_missing} "${library} (${header})" PARENT_SCOPE)
    return()
  endif()
  add_library(llmgw::${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(llmgw::${name} PROPERTIES
    IMPORTED_LOCATION "${LLMGW_${upper}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LLMGW_${upper}_INCLUDE_DIR}")
endfunction()

set(llmgw_missing "")
llmgw_find_dependency(cjson cjson/cJSON.h cjson)
llmgw_find_dependency(mbedcrypto mbedtls/sha256.h mbedcrypto)
