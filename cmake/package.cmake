# `cmake --install`: the library with its headers, its CMake package and its pkg-config file; the program.
include(CMakePackageConfigHelpers)

install(TARGETS kinesink EXPORT kinesink-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/kinesink DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT development FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/kinesink)
install(EXPORT kinesink-targets NAMESPACE kinesink:: DESTINATION ${package_folder} COMPONENT development)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/package/kinesink-config.cmake
  "include(\${CMAKE_CURRENT_LIST_DIR}/kinesink-targets.cmake)\n")
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/package/kinesink-config-version.cmake
  COMPATIBILITY SameMinorVersion)  # before 1.0 a minor version may change the ABI
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/kinesink-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/package/kinesink-config-version.cmake
  DESTINATION ${package_folder} COMPONENT development)

configure_file(cmake/kinesink.pc.in ${CMAKE_CURRENT_BINARY_DIR}/package/kinesink.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/kinesink.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

if(TARGET kinesink-program)
  install(TARGETS kinesink-program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  if(ArrowCpp_BUNDLE)  # the wheel's libraries find each other by their own RUNPATH of $ORIGIN
    install(FILES ${ArrowCpp_BUNDLE} DESTINATION ${CMAKE_INSTALL_LIBDIR}/kinesink COMPONENT program)
  endif()
endif()
