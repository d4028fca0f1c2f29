# kinesink::kinesink: one shared library with OpenSSL, the AWS CRT, Boost and nanoarrow static and hidden inside.
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/generated/library.cc CONTENT "// The rooms are linked in whole.\n")
add_library(kinesink SHARED ${CMAKE_CURRENT_BINARY_DIR}/generated/library.cc)
add_library(kinesink::kinesink ALIAS kinesink)
set_target_properties(kinesink PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(whole_rooms "")
foreach(room ${KINESINK_ROOMS})
  target_link_libraries(kinesink PRIVATE kinesink_${room})
  get_target_property(type kinesink_${room} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    list(APPEND whole_rooms kinesink_${room})
  endif()
endforeach()
list(JOIN whole_rooms "," whole_rooms)
# Whole, because nothing inside refers to what only the library's users call.
set_target_properties(kinesink PROPERTIES LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,${whole_rooms}")
target_link_options(kinesink PRIVATE -Wl,--exclude-libs,ALL -Wl,--no-undefined)
target_include_directories(kinesink INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(kinesink INTERFACE cxx_std_20)
