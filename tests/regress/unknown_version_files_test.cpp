// Files of a version that the box does not know: whatever names them, none that was taken is missing.
#include "tests/regress/handing_in.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

using PhoneFiles = std::multimap<std::string, std::string>;

std::string phone_xml(const std::string& body, const std::string& root = "data", const std::string& spaces = "",
                      const std::string& version = " version=\"9\"") {
  return "<" + root + " id=\"test\"" + version + spaces + ">" + body + "<meta><instanceID>uuid:" + uuid(1) +
         "</instanceID></meta></" + root + ">";
}

struct PhoneCase {
  std::string name;
  std::string xml;
  std::vector<HandedFile> sent;
  PhoneFiles kept;
};

std::vector<PhoneCase> phone_cases() {
  return {
      {"repeat groups", phone_xml("<nha><anh>1.jpg</anh></nha><nha><anh>2.jpg</anh></nha><nha><anh/></nha>"),
       {{"1.jpg", "a"}, {"2.jpg", "b"}}, {{"1.jpg", "a"}, {"2.jpg", "b"}}},
      {"a repeat within a repeat", phone_xml("<ho><nguoi><anh>1.jpg</anh></nguoi><nguoi><anh>2.jpg</anh></nguoi></ho>"),
       {{"1.jpg", "a"}, {"2.jpg", "b"}}, {{"1.jpg", "a"}, {"2.jpg", "b"}}},
      {"a question that was renamed", phone_xml("<photo_2>a.jpg</photo_2><photo/>"), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"one that was moved into a group", phone_xml("<g><photo>a.jpg</photo></g>"), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"one name in two elements", phone_xml("<x>a.jpg</x><y>a.jpg</y>"), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"two files of one name", phone_xml("<x>a.jpg</x>"), {{"a.jpg", "a"}, {"a.jpg", "b"}}, {{"a.jpg", "a"}, {"a.jpg", "b"}}},
      {"a part that nothing names", phone_xml("<x>a.jpg</x>"), {{"a.jpg", "a"}, {"la.jpg", "b"}}, {{"a.jpg", "a"}}},
      {"an element whose file does not come", phone_xml("<x>a.jpg</x><y>b.jpg</y>"), {{"b.jpg", "b"}}, {{"b.jpg", "b"}}},
      {"a whole path", phone_xml("<x>/sdcard/odk/a.jpg</x>"), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"decomposed letters", phone_xml("<x>a\xcc\x89nh.jpg</x>"), {{"\xe1\xba\xa3nh.jpg", "a"}}, {{"\xe1\xba\xa3nh.jpg", "a"}}},
      {"a root in a namespace", phone_xml("<x>a.jpg</x>", "data", " xmlns=\"urn:moi\""), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"a root with a prefix", phone_xml("<x>a.jpg</x>", "m:data", " xmlns:m=\"urn:moi\""), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"a root of another name", phone_xml("<x>a.jpg</x>", "phieu"), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"no version at all", phone_xml("<x>a.jpg</x>", "phieu", "", ""), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"a name as CDATA with blanks", phone_xml("<x> <![CDATA[a b.jpg]]>\n</x>"), {{"a b.jpg", "a"}}, {{"a b.jpg", "a"}}},
      {"a name beside child elements", phone_xml("<x>a.jpg<nho/></x>"), {{"a.jpg", "a"}}, {{"a.jpg", "a"}}},
      {"a name of 300 octets", phone_xml("<x>" + std::string(300, 'y') + ".jpg</x>"), {{std::string(300, 'y') + ".jpg", "a"}},
       {{sync::kept_name(std::string(300, 'y') + ".jpg"), "a"}}},
      {"submission.xml", phone_xml("<x>submission.xml</x>"), {{"submission.xml", "a"}}, {{"submission.xml", "a"}}},
      {"audit and signature", phone_xml("<meta2><audit>audit.csv</audit></meta2><ky>ky.png</ky>"),
       {{"audit.csv", "a"}, {"ky.png", "b"}, {"audit.csv", ""}}, {{"audit.csv", "a"}, {"ky.png", "b"}}},
      {"an empty file", phone_xml("<x>a.jpg</x>"), {{"a.jpg", ""}}, {{"a.jpg", ""}}},
  };
}

/// What the phone has, as far as the box can be told later: every element is an upload.
std::string form_of_phone(const std::string& version, const std::string& root) {
  const std::string upload = "<bind nodeset=\"/" + root + "/";
  return R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Mới</h:title>)"
         "<model><instance><" + root + " id=\"test\" version=\"" + version + "\"><x/><y/><meta><instanceID/></meta></" + root +
         "></instance>" + upload + "x\" type=\"binary\"/>" + upload + "y\" type=\"binary\"/></model></h:head><h:body/></h:html>";
}

void check_kept(TestNode& node, const PhoneCase& one) {
  INFO("at " << node.replica->self().name);
  const auto versions = versions_at(node);
  REQUIRE(versions.size() == 1);
  CHECK(versions.begin()->second.xml == one.xml);
  PhoneFiles came;
  for (const auto& [name, octets] : versions.begin()->second.files) {
    if (octets != "(nothing came)") came.emplace(name, octets);
  }
  CHECK(came == one.kept);
}

}  // namespace

TEST_CASE("unknown version: files named in every way are kept, and stay when newer and older forms come, also twice", "[regress]") {
  const auto cases = phone_cases();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const PhoneCase& one = cases[i];
    INFO(one.name);
    ReplicaPair pair;
    talk(pair.hamlet, pair.commune);
    hand_in(pair.hamlet, one.xml, one.sent);
    hand_in(pair.hamlet, one.xml, one.sent);  // the phone did not hear that it was taken
    carry(pair.hamlet, pair.commune, every_way.at(i % every_way.size()), i);
    pair.hamlet.unlock();
    check_kept(pair.hamlet, one);
    check_kept(pair.commune, one);
    const std::string root = one.xml.find("<phieu ") == 0 ? "phieu" : "data";
    for (const std::string version : {"10", "9", "0"}) {
      sync::FormRecord form = record_of_form(form_of_phone(version, root));
      for (const bool closed : {false, true}) {
        form.closed = closed;
        pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->add_form(batch, form); });
      }
      talk(pair.hamlet, pair.commune);
    }
    check_kept(pair.hamlet, one);
    check_kept(pair.commune, one);
    check_store_is_sound(pair.commune);
  }
}
