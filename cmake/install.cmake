# What `cmake --install` puts where: libraries, headers, the command, and the files that find_package(folio) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(folio_package ${CMAKE_INSTALL_LIBDIR}/cmake/folio)
set(folio_libraries folio)
foreach(part pictures sound formats report recipes)
  if(TARGET folio_${part})
    list(APPEND folio_libraries folio_${part})
    set_target_properties(folio_${part} PROPERTIES EXPORT_NAME ${part})
  endif()
endforeach()

set_target_properties(${folio_libraries} PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})  # before 1.0 every minor version may break the ABI
set_target_properties(folio_all PROPERTIES EXPORT_NAME all)
install(TARGETS ${folio_libraries} folio_all EXPORT folio-targets)

# Vector code is compiled into the library; its headers are of no use outside.
install(DIRECTORY folio DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "simd" EXCLUDE)

if(TARGET folio_cli)
  install(TARGETS folio_cli)
  if(BUILD_SHARED_LIBS)
    file(RELATIVE_PATH from_command /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
    set_target_properties(folio_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${from_command}")
    set_target_properties(${folio_libraries} PROPERTIES INSTALL_RPATH "$ORIGIN")
  endif()
endif()

install(EXPORT folio-targets NAMESPACE folio:: DESTINATION ${folio_package})
configure_package_config_file(cmake/folio-config.cmake.in ${CMAKE_BINARY_DIR}/folio-config.cmake
  INSTALL_DESTINATION ${folio_package} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a program gets the minor version that it asked for.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/folio-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/folio-config.cmake ${CMAKE_BINARY_DIR}/folio-config-version.cmake
  DESTINATION ${folio_package})
# The same for builds without CMake: pkg-config --cflags --libs folio
set(folio_private_libraries "")
if(NOT BUILD_SHARED_LIBS)
  set(folio_private_libraries "-lfmt -lz -lpng -ljpeg -lsndfile -lutf8proc -lpthread")
endif()
configure_file(cmake/folio.pc.in ${CMAKE_BINARY_DIR}/folio.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/folio.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
