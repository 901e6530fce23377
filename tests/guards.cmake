# Tests of the project rather than of one module. A script that cannot run
# says "skip: why" and exits with 77.

function(llmgw_guard name labels)
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 300
    SKIP_RETURN_CODE 77)
endfunction()

set(here ${CMAKE_CURRENT_SOURCE_DIR})

llmgw_test_program(abi_sizes abi/test_sizes.c)
llmgw_guard(abi_sizes abi abi_sizes)
if(LLMGW_BUILD_SHARED AND UNIX AND NOT APPLE AND NOT LLMGW_SANITIZE)
  llmgw_guard(abi_symbols abi sh ${here}/abi/symbols.sh $<TARGET_FILE:llmgw>
    ${PROJECT_SOURCE_DIR}/include ${here}/abi/symbols.txt)
endif()
foreach(compiler gcc:c11 g++:c++11 clang:c11 clang++:c++11)
  string(REPLACE ":" ";" pair ${compiler})
  list(GET pair 0 command)
  list(GET pair 1 standard)
  llmgw_guard(abi_headers_${command} abi sh ${here}/abi/headers_alone.sh
    ${command} ${standard} ${PROJECT_SOURCE_DIR}/include)
endforeach()

find_package(Python3 COMPONENTS Interpreter)
foreach(script includes functions)
  if(Python3_Interpreter_FOUND)
    llmgw_guard(lint_${script} lint
      ${Python3_EXECUTABLE} -B ${here}/lint/${script}.py)
  else()
    llmgw_guard(lint_${script} lint
      sh -c "echo 'skip: python3 is not installed'; exit 77")
  endif()
endforeach()
llmgw_guard(lint_self lint ${Python3_EXECUTABLE} -B ${here}/lint/test_lint.py)
llmgw_guard(lint_format lint sh ${here}/lint/format.sh)

if(LLMGW_INSTALL AND LLMGW_BUILD_SHARED AND NOT LLMGW_SANITIZE)
  llmgw_guard(install_consumers install sh ${here}/install/consumers.sh
    ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND} ${CMAKE_C_COMPILER})
endif()

if(LLMGW_INSTALL AND NOT LLMGW_SANITIZE)
  llmgw_guard(install_without_stores install
    sh ${here}/install/without_stores.sh ${PROJECT_SOURCE_DIR}
    ${PROJECT_BINARY_DIR}/without_stores ${CMAKE_COMMAND} ${CMAKE_C_COMPILER})
endif()

# Each example against the fake provider: what it must print, and scripts.
function(example_test name want)
  llmgw_guard(example_${name} example sh ${here}/support/with_fake.sh
    $<TARGET_FILE:llmgw-fake> $<TARGET_FILE:example_${name}> ${want} ${ARGN})
endfunction()
if(LLMGW_EXAMPLES)
  include(examples.cmake)
endif()
