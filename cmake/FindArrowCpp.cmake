# Arrow C++ for the command line: targets Arrow::arrow, Arrow::compute, Arrow::dataset, Parquet::parquet.
# An installed Arrow C++ (its own CMake packages) wins; otherwise the shared objects and headers of the
# pyarrow wheel that tools/setup pinned (https://arrow.apache.org/docs/python/integration/extending.html).
# Sets ArrowCpp_VERSION and ArrowCpp_BUNDLE: the shared objects that `install` must take along (empty
# for an installed Arrow).
include(FindPackageHandleStandardArgs)
set(ArrowCpp_BUNDLE "")

find_package(Arrow CONFIG QUIET)
find_package(ArrowCompute CONFIG QUIET)
find_package(ArrowDataset CONFIG QUIET)
find_package(Parquet CONFIG QUIET)
if(Arrow_FOUND AND ArrowDataset_FOUND AND Parquet_FOUND)
  set(ArrowCpp_VERSION ${Arrow_VERSION})
  set(ArrowCpp_SOURCE "${Arrow_DIR}")
  if(NOT TARGET Arrow::arrow)
    add_library(Arrow::arrow ALIAS Arrow::arrow_shared)
    add_library(Arrow::dataset ALIAS ArrowDataset::arrow_dataset_shared)
    add_library(Parquet::parquet ALIAS Parquet::parquet_shared)
    if(TARGET ArrowCompute::arrow_compute_shared)  # part of libarrow before Arrow 21
      add_library(Arrow::compute ALIAS ArrowCompute::arrow_compute_shared)
    else()
      add_library(Arrow::compute ALIAS Arrow::arrow_shared)
    endif()
  endif()
else()
  file(GLOB pyarrow ${KINESINK_DEPS}/venv/lib/python3*/site-packages/pyarrow)
  set(ArrowCpp_SOURCE "${pyarrow}")
  set(config "${pyarrow}/include/arrow/util/config.h")
  if(pyarrow AND EXISTS "${config}")
    file(STRINGS "${config}" line REGEX "define ARROW_VERSION_STRING")
    string(REGEX REPLACE ".*\"([0-9.]+).*" "\\1" ArrowCpp_VERSION "${line}")
    file(STRINGS "${config}" line REGEX "define ARROW_SO_VERSION")
    string(REGEX REPLACE ".*\"([0-9]+).*" "\\1" so_version "${line}")
    # kinesink_arrow_library(<target> <library> [target it needs...])
    function(kinesink_arrow_library target library)
      set(file "${pyarrow}/lib${library}.so.${so_version}")
      if(NOT EXISTS "${file}")
        message(FATAL_ERROR "The pyarrow wheel in ${pyarrow} lacks ${file}.")
      endif()
      set(ArrowCpp_BUNDLE ${ArrowCpp_BUNDLE} "${file}" PARENT_SCOPE)
      if(NOT TARGET ${target})
        add_library(${target} SHARED IMPORTED)
        set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${file}"
          IMPORTED_SONAME "lib${library}.so.${so_version}" INTERFACE_COMPILE_FEATURES cxx_std_20
          INTERFACE_LINK_LIBRARIES "${ARGN}")
        target_include_directories(${target} SYSTEM INTERFACE "${pyarrow}/include")
      endif()
    endfunction()
    kinesink_arrow_library(Arrow::arrow arrow)
    kinesink_arrow_library(Arrow::compute arrow_compute Arrow::arrow)
    kinesink_arrow_library(Arrow::acero arrow_acero Arrow::compute)
    kinesink_arrow_library(Parquet::parquet parquet Arrow::arrow)
    kinesink_arrow_library(Arrow::dataset arrow_dataset Arrow::acero Parquet::parquet)
  endif()
endif()

find_package_handle_standard_args(ArrowCpp REQUIRED_VARS ArrowCpp_SOURCE ArrowCpp_VERSION
  VERSION_VAR ArrowCpp_VERSION
  REASON_FAILURE_MESSAGE "Install Arrow C++, run tools/setup, or configure with -DKINESINK_BUILD_CLI=OFF.")
