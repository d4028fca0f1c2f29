# build/bin/kinesink: the command line. The only room that links Arrow C++.
find_package(ArrowCpp REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)

# libparquet exports the OpenSSL it was built with. Programs that hold both must resolve OpenSSL from our
# static archives, so Arrow has to come after them on the link line: it is declared as something that
# OpenSSL needs, in those programs only (KINESINK_USES_ARROW). tests/install checks the outcome.
set(arrow_last "$<$<BOOL:$<TARGET_PROPERTY:KINESINK_USES_ARROW>>:Arrow::arrow;Arrow::compute;Arrow::dataset;Parquet::parquet>")
foreach(openssl OpenSSL::Crypto AWS::crypto)
  if(TARGET ${openssl})
    set_property(TARGET ${openssl} APPEND PROPERTY INTERFACE_LINK_LIBRARIES "${arrow_last}")
  endif()
endforeach()
add_library(kinesink_arrow INTERFACE)
target_include_directories(kinesink_arrow SYSTEM INTERFACE
  $<TARGET_PROPERTY:Arrow::arrow,INTERFACE_INCLUDE_DIRECTORIES>)

# kinesink_use_arrow(<executable>): for programs that link rooms and Arrow.
function(kinesink_use_arrow program)
  set_target_properties(${program} PROPERTIES KINESINK_USES_ARROW ON)
  target_link_options(${program} PRIVATE -Wl,--exclude-libs,ALL)
endfunction()

add_library(kinesink_toml INTERFACE)  # header only: Debian's compiled one would be one more shared library
target_include_directories(kinesink_toml SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})
target_compile_definitions(kinesink_toml INTERFACE TOML_HEADER_ONLY=1)

kinesink_room(cli FOLDER cli DEPENDS sink reader local LINKS kinesink_arrow CLI11::CLI11 kinesink_toml
  DEFINES KINESINK_VERSION="${PROJECT_VERSION}")

file(GLOB cli_main CONFIGURE_DEPENDS cli/main.cc)
if(cli_main)
  add_executable(kinesink-program ${cli_main})
  target_link_libraries(kinesink-program PRIVATE kinesink_cli)
  kinesink_use_arrow(kinesink-program)
  set_target_properties(kinesink-program PROPERTIES OUTPUT_NAME kinesink
    INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/kinesink")
endif()
