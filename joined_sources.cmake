# A compiler spends most of its time on headers, and reads the same ones for every source. With KHUOI_UNITY the sources
# of one folder are compiled as one; a large folder is cut into parts of the same size. What a source has for itself in an
# anonymous namespace therefore needs a name that its folder has once. A source with compile options of its own stays
# alone, and so does one that says SKIP_UNITY_BUILD_INCLUSION.
set(khuoi_joined_max 12)  # sources in a part: two cores shall have work to the end

# khuoi_join(TARGET): call it where the target is made. What the build itself generates is left alone.
function(khuoi_join target)
  if(NOT KHUOI_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  set(folders)
  foreach(source ${sources})
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    cmake_path(IS_PREFIX CMAKE_BINARY_DIR ${source} generated)
    if(generated OR source MATCHES "\\$<")
      continue()
    endif()
    cmake_path(GET source PARENT_PATH folder)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${folder})
    string(MAKE_C_IDENTIFIER ${folder} folder)
    list(APPEND folders ${folder})
    list(APPEND sources_${folder} ${source})
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(folder ${folders})
    list(LENGTH sources_${folder} count)
    math(EXPR parts "(${count} + ${khuoi_joined_max} - 1) / ${khuoi_joined_max}")
    set(index 0)
    foreach(source ${sources_${folder}})
      math(EXPR part "${index} * ${parts} / ${count} + 1")
      math(EXPR index "${index} + 1")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${part})
    endforeach()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
