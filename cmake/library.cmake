# kinesink::kinesink: one shared library with OpenSSL, the AWS CRT, Boost, simdjson and nanoarrow static
# and hidden inside.
add_library(kinesink SHARED)
add_library(kinesink::kinesink ALIAS kinesink)
set_target_properties(kinesink PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
foreach(room ${KINESINK_ROOMS})
  get_target_property(type kinesink_${room} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")  # its objects, because nothing inside calls what only users call
    target_sources(kinesink PRIVATE $<TARGET_OBJECTS:kinesink_${room}>)
  endif()
  target_link_libraries(kinesink PRIVATE kinesink_${room})  # for the foreign libraries it needs
endforeach()
target_link_options(kinesink PRIVATE -Wl,--exclude-libs,ALL -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/kinesink.map)
if(NOT KINESINK_SANITIZE)  # the program brings the sanitizers' functions
  target_link_options(kinesink PRIVATE -Wl,--no-undefined)
endif()
set_target_properties(kinesink PROPERTIES LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/kinesink.map)
target_include_directories(kinesink INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(kinesink INTERFACE cxx_std_20)
