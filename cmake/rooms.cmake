# The rooms of the house and the one direction between them (docs: ARCHITECTURE.md). A room is a folder; all its
# .cc files are its library and its *_test.cc files its test program. tools/tidy checks the includes against DEPENDS.
set(KINESINK_ROOMS "" CACHE INTERNAL "")

# kinesink_room(<name> [FOLDER folder] [DEPENDS room...] [LINKS target...] [DEFINES name=value...]
#               [TEST_LINKS target...])
function(kinesink_room name)
  cmake_parse_arguments(arg "" "FOLDER" "DEPENDS;LINKS;DEFINES;TEST_LINKS" ${ARGN})
  if(NOT arg_FOLDER)
    set(arg_FOLDER src/${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${arg_FOLDER}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")  # a program's own file is no part of its room
  list(TRANSFORM arg_DEPENDS PREPEND kinesink_)
  if(sources)
    add_library(kinesink_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(kinesink_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(kinesink_${name} ${scope} ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include
    ${PROJECT_SOURCE_DIR})
  target_compile_definitions(kinesink_${name} ${scope} KINESINK_STATIC ${arg_DEFINES})
  target_link_libraries(kinesink_${name} ${scope} kinesink_compiler ${arg_DEPENDS} ${arg_LINKS})
  set(KINESINK_ROOMS ${KINESINK_ROOMS} ${name} CACHE INTERNAL "")
  if(tests AND KINESINK_BUILD_TESTS)
    set_property(GLOBAL APPEND PROPERTY KINESINK_ROOM_TESTS ${name})
    set_property(GLOBAL PROPERTY KINESINK_ROOM_TESTS_${name} ${tests})
    set_property(GLOBAL PROPERTY KINESINK_ROOM_TEST_LINKS_${name} ${arg_TEST_LINKS})
  endif()
endfunction()

kinesink_room(base)
kinesink_room(options DEPENDS base)
# data: rows become requests
kinesink_room(columnar DEPENDS base LINKS kinesink_nanoarrow simdjson::simdjson dragonbox::dragonbox_to_chars)
kinesink_room(format DEPENDS columnar)
kinesink_room(kinesis DEPENDS base LINKS simdjson::simdjson kinesink_openssl)
kinesink_room(partition DEPENDS columnar kinesis)
kinesink_room(delivery DEPENDS kinesis)
# service: requests are carried
kinesink_room(http DEPENDS base LINKS kinesink_asio kinesink_openssl)
kinesink_room(aws DEPENDS base http LINKS kinesink_openssl AWS::aws-c-auth)
kinesink_room(client DEPENDS aws kinesis DEFINES KINESINK_VERSION="${PROJECT_VERSION}")
kinesink_room(reader DEPENDS client)
# they meet
kinesink_room(sink DEPENDS format partition delivery client options)
kinesink_room(local FOLDER local DEPENDS base kinesis http aws)
kinesink_room(capi DEPENDS sink reader local DEFINES KINESINK_VERSION="${PROJECT_VERSION}")
