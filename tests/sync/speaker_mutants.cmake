# The loudspeaker's campaign with one check taken out of the code at a time: each of these programs must fail, or the
# campaign's oracle sees nothing. tests/e2e/campaign_speaker.py runs them. The changed source is made from the real one
# here, so that what ships holds no switch that makes it wrong.
add_library(khuoi_speaker_campaign OBJECT sync/speaker_campaign_test.cpp)
target_link_libraries(khuoi_speaker_campaign PRIVATE khuoi_options Catch2::Catch2 khuoi_memory_store khuoi_sync)

# A source of sync/ in which `from`, which must stand there once, became `to`. An object of a program comes before the
# library's own of the same name.
function(khuoi_add_speaker_mutant name source from to)
  set(original ${CMAKE_SOURCE_DIR}/sync/${source})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${original})
  # Joined with its folder it would be one object with sources that the program needs, and what the mutant replaces would
  # come with them.
  set_source_files_properties(${original} TARGET_DIRECTORY khuoi_sync PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  file(READ ${original} text)
  string(FIND "${text}" "${from}" first)
  string(FIND "${text}" "${from}" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "speaker_mutants.cmake: '${from}' does not stand in sync/${source} just once: "
      "change the mutant '${name}' with the code")
  endif()
  string(REPLACE "${from}" "${to}" text "${text}")
  set(mutant ${CMAKE_CURRENT_BINARY_DIR}/mutants/${name}.cpp)
  file(CONFIGURE OUTPUT ${mutant} CONTENT "${text}" @ONLY)
  add_executable(khuoi_speaker_mutant_${name} ${mutant} $<TARGET_OBJECTS:khuoi_speaker_campaign>
    $<TARGET_OBJECTS:khuoi_test_main>)
  target_compile_options(khuoi_speaker_mutant_${name} PRIVATE -w -O0)
  target_link_libraries(khuoi_speaker_mutant_${name} PRIVATE Catch2::Catch2 khuoi_memory_store khuoi_sync)
  add_dependencies(khuoi_all_tests khuoi_speaker_mutant_${name})
endfunction()

khuoi_add_speaker_mutant(speaks_late merge/speaking.cpp "*facts.trusted_time >= content.expires" "false")
khuoi_add_speaker_mutant(speaks_early merge/speaking.cpp "*facts.trusted_time < content.issued" "false")
khuoi_add_speaker_mutant(speaks_elsewhere merge/speaking.cpp "!for_here ||" "")
khuoi_add_speaker_mutant(speaks_nonsense merge/speaking.cpp "!times_make_sense ||" "")
khuoi_add_speaker_mutant(speaks_untimed merge/speaking.cpp "!facts.came_live" "false")
khuoi_add_speaker_mutant(speaks_off_hours merge/slots.cpp "minute < times.noon + times.lasts" "minute < times.afternoon")
khuoi_add_speaker_mutant(speaks_twice bulletin/announcer.cpp "return slot && std::ranges" "return false && std::ranges")
khuoi_add_speaker_mutant(one_officer bulletin/items.cpp "signers.size() >= 2" "signers.size() >= 1")
khuoi_add_speaker_mutant(officer_twice bulletin/items.cpp
  "if (std::ranges::find(signers, approval.officer) != signers.end()) continue;" "")
khuoi_add_speaker_mutant(revoked_officer bulletin/items.cpp "|| officer->revoked" "")
khuoi_add_speaker_mutant(forged_officer bulletin/items.cpp
  "if (verify(officer->key, Purpose::officer, core_.self.commune, {announcement.content}, approval.signature))" "")
