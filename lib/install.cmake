# What "cmake --install" lays down: libraries, headers, llmgw.pc and the
# CMake package.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/llmgw)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/llmgw
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h*")
if(LLMGW_BUILD_SHARED)
  install(TARGETS llmgw EXPORT llmgw-shared)
  install(EXPORT llmgw-shared NAMESPACE llmgw:: DESTINATION ${package_dir})
endif()
if(LLMGW_BUILD_STATIC)
  install(TARGETS llmgw_static EXPORT llmgw-static)
  install(EXPORT llmgw-static NAMESPACE llmgw:: DESTINATION ${package_dir})
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/lib/llmgw-config.cmake.in
  llmgw-config.cmake INSTALL_DESTINATION ${package_dir})
# while the major version is 0, each minor one may break its users
write_basic_package_version_file(llmgw-config-version.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/llmgw-config.cmake
  ${PROJECT_BINARY_DIR}/llmgw-config-version.cmake
  ${PROJECT_SOURCE_DIR}/lib/llmgw-dependencies.cmake
  DESTINATION ${package_dir})

# Seen from llmgw.pc itself, so that an installed tree can be moved.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE ${pc_dir})
  set(LLMGW_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH up /${pc_dir} /)
  string(REGEX REPLACE "/$" "" up "${up}")
  set(LLMGW_PC_PREFIX "\${pcfiledir}/${up}")
endif()
foreach(dir INCLUDEDIR LIBDIR)
  set(LLMGW_PC_${dir} ${CMAKE_INSTALL_${dir}})
  if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_${dir}})
    set(LLMGW_PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
# mbedTLS 2.28 has no .pc file; its library is named as it was found
cmake_path(GET LLMGW_MBEDCRYPTO_LIBRARY STEM mbedcrypto)
string(REGEX REPLACE "^lib" "" mbedcrypto ${mbedcrypto})
set(LLMGW_PC_LIBS_PRIVATE "-l${mbedcrypto} ${CMAKE_THREAD_LIBS_INIT}")
if(WIN32)
  string(APPEND LLMGW_PC_LIBS_PRIVATE " -lws2_32 -lbcrypt")
endif()
string(STRIP "${LLMGW_PC_LIBS_PRIVATE}" LLMGW_PC_LIBS_PRIVATE)
configure_file(${PROJECT_SOURCE_DIR}/llmgw.pc.in llmgw.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/llmgw.pc DESTINATION ${pc_dir})
