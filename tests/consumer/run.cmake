# Installs what was built in BUILD below SCRATCH, then configures, builds and runs the project beside this file against it.
# Called as: cmake -DBUILD=… -DSCRATCH=… -DGENERATOR=… -DCOMPILER=… -P run.cmake
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output)
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${SCRATCH}/installed" --strip)
run(${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${SCRATCH}/build" -G "${GENERATOR}"
  "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${SCRATCH}/installed" -DCMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build "${SCRATCH}/build")
run("${SCRATCH}/build/consumer" WORKING_DIRECTORY "${SCRATCH}")
message(STATUS "consumer printed: ${output}")
if(NOT output MATCHES "^loss [0-9.e+-]+\n$" OR NOT EXISTS "${SCRATCH}/consumer.keras")
  message(FATAL_ERROR "consumer: expected a loss and a saved model, got \"${output}\"")
endif()
