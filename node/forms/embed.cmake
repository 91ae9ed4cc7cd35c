# cmake -DOUT=FILE -DFORMS=A.xml;B.xml -DFOLLOW_UPS=FILE -P embed.cmake
# Writes a source file that holds the octets of the forms, as built_in.h declares them. A form whose text says
# khuoi:domain="health" is one that only the health worker reads.
set(arrays "")
set(rows "")
set(count 0)
foreach(form ${FORMS})
  get_filename_component(name ${form} NAME_WE)
  file(READ ${form} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," octets "${hex}")
  file(STRINGS ${form} says_health REGEX "^<h:html.* khuoi:domain=\"health\"" ENCODING UTF-8)
  set(domain general)
  if(says_health)
    set(domain health)
  endif()
  string(APPEND arrays "// ${name}\nconstexpr std::uint8_t form_${count}[] = {${octets}};\n")
  string(APPEND rows "      {form_${count}, sync::Domain::${domain}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(READ ${FOLLOW_UPS} follow_ups)
foreach(field day what)
  string(REGEX MATCH "\n${field} ([a-z_]+)" line "${follow_ups}")
  set(${field} ${CMAKE_MATCH_1})
endforeach()
file(WRITE ${OUT} "#include \"node/forms/built_in.h\"\n\nnamespace khuoi::node {\n\nnamespace {\n${arrays}}  // namespace\n\n"
  "std::span<const BuiltInForm> built_in_forms() {\n  static const BuiltInForm all[] = {\n${rows}  };\n  return all;\n}\n\n"
  "FollowUpNames follow_up_names() { return {\"${day}\", \"${what}\"}; }\n\n"
  "}  // namespace khuoi::node\n")
