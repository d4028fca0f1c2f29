# Third-party libraries. What Debian does not package comes from the folder that tools/setup fills
# (KINESINK_DEPS); a package that CMake finds elsewhere wins.
set(KINESINK_DEPS "" CACHE PATH "Folder that tools/setup filled; empty asks tools/setup")
if(NOT KINESINK_DEPS)
  execute_process(COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tools/setup --print-prefix
    OUTPUT_VARIABLE KINESINK_DEPS OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()

set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(OpenSSL 3 REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(dragonbox REQUIRED)

list(APPEND CMAKE_PREFIX_PATH ${KINESINK_DEPS}/crt)
find_package(aws-c-auth CONFIG)
if(NOT aws-c-auth_FOUND)
  message(FATAL_ERROR "The AWS CRT libraries are missing from ${KINESINK_DEPS}/crt. Run tools/setup first.")
endif()

if(NOT EXISTS ${KINESINK_DEPS}/simdjson/libsimdjson.a)
  message(FATAL_ERROR "simdjson is missing from ${KINESINK_DEPS}/simdjson. Run tools/setup first.")
endif()
# Debian's simdjson is a shared library only; a static one asks nothing of the machine kinesink runs on.
add_library(simdjson::simdjson STATIC IMPORTED)
set_target_properties(simdjson::simdjson PROPERTIES IMPORTED_LOCATION ${KINESINK_DEPS}/simdjson/libsimdjson.a)
target_include_directories(simdjson::simdjson SYSTEM INTERFACE ${KINESINK_DEPS}/simdjson)

if(NOT EXISTS ${KINESINK_DEPS}/nanoarrow/nanoarrow/nanoarrow.h)
  message(FATAL_ERROR "nanoarrow is missing from ${KINESINK_DEPS}/nanoarrow. Run tools/setup first.")
endif()
# nanoarrow is compiled into the library with its symbols prefixed, so that a host's own copy never meets ours.
set(NANOARROW_VERSION 0.9.0)
set(NANOARROW_VERSION_MAJOR 0)
set(NANOARROW_VERSION_MINOR 9)
set(NANOARROW_VERSION_PATCH 0)
set(NANOARROW_NAMESPACE_DEFINE "#define NANOARROW_NAMESPACE KinesinkPrivate")
configure_file(${KINESINK_DEPS}/nanoarrow/nanoarrow/nanoarrow_config.h.in
  ${CMAKE_CURRENT_BINARY_DIR}/generated/nanoarrow/nanoarrow_config.h @ONLY)
set(nanoarrow_source ${KINESINK_DEPS}/nanoarrow/nanoarrow/common)
add_library(kinesink_nanoarrow STATIC ${nanoarrow_source}/array.c ${nanoarrow_source}/array_stream.c
  ${nanoarrow_source}/schema.c ${nanoarrow_source}/utils.c)
target_include_directories(kinesink_nanoarrow SYSTEM PUBLIC
  $<BUILD_INTERFACE:${KINESINK_DEPS}/nanoarrow> $<BUILD_INTERFACE:${CMAKE_CURRENT_BINARY_DIR}/generated>)

add_library(kinesink_openssl INTERFACE)
target_link_libraries(kinesink_openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto)
add_library(kinesink_asio INTERFACE)
target_link_libraries(kinesink_asio INTERFACE Boost::headers Threads::Threads)
# Without its assertions: Beast 1.81 has one that an empty chunked body in small pieces breaks, although all is
# well (parse_chunk_header, "n >= 5" when the last chunk is the first), and a debug build must not end by what a
# server sends.
target_compile_definitions(kinesink_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  BOOST_DISABLE_ASSERTS)
