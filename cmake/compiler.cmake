# How every target of this tree is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

if(NOT CMAKE_BUILD_TYPE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(KINESINK_CCACHE ccache)
if(KINESINK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${KINESINK_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${KINESINK_CCACHE})
endif()

add_library(kinesink_compiler INTERFACE)
target_compile_options(kinesink_compiler INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
  -Wimplicit-fallthrough)
# Not in sanitizer builds: their instrumentation makes GCC see allocation mismatches that are none
# (https://gcc.gnu.org/onlinedocs/gcc-12.2.0/gcc/Instrumentation-Options.html, -fsanitize=address and others).
if(KINESINK_DEVELOPER AND NOT KINESINK_SANITIZE)
  target_compile_options(kinesink_compiler INTERFACE -Werror)
endif()
# Optimised, GCC 12 sees uninitialised members and overlaps in std::variant and std::string that are none
# (https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105562, id=105651); clang and AddressSanitizer look for the real ones.
target_compile_options(kinesink_compiler INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-maybe-uninitialized;-Wno-restrict>)
if(KINESINK_SANITIZE)
  target_compile_options(kinesink_compiler INTERFACE -fsanitize=${KINESINK_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(kinesink_compiler INTERFACE -fsanitize=${KINESINK_SANITIZE})
endif()
if(KINESINK_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Asio's fences, which ThreadSanitizer does not model: Asio orders by its mutexes as well.
  target_compile_options(kinesink_compiler INTERFACE -Wno-tsan)
endif()
