#include "sync/record/instance.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "sync/base/nfc.h"
#include "sync/base/rng.h"
#include "sync/record/xml_guard.h"
#include "tests/support/codec_samples.h"
#include "tests/support/places.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::sync;
using khuoi::tests::file_octets;

namespace {

std::string data(const std::string& name) { return (tests::test_data() / name).string(); }

Result<InstanceHead> head_in(ByteView xml) {
  const auto instance = Instance::parse(xml);
  return instance ? instance->head() : Result<InstanceHead>(instance.error());
}
Result<InstanceFacts> facts_in(ByteView xml, const FormFacts& form) {
  const auto instance = Instance::parse(xml);
  return instance ? instance->facts(form) : Result<InstanceFacts>(instance.error());
}

Result<FormFacts> form_of(std::string_view xml) { return read_form(view_of(xml)); }

/// A form around an instance, binds and a body.
std::string form_text(std::string_view instance, std::string_view binds = "", std::string_view body = "") {
  return R"(<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms"><h:head>)"
         "<h:title> Khám\n  sức khỏe </h:title><model><instance>" +
         std::string(instance) + "</instance>" + std::string(binds) + "</model></h:head><h:body>" + std::string(body) +
         "</h:body></h:html>";
}

FormFacts simple_form(std::vector<std::string> upload_paths = {}) {
  FormFacts form;
  form.id = "f";
  form.root = "data";
  form.upload_paths = std::move(upload_paths);
  return form;
}

std::string instance_text(std::string_view inside) {
  return R"(<data id="f" version="1">)" + std::string(inside) + "<meta><instanceID>uuid:1</instanceID></meta></data>";
}

Errc guard_error(std::string_view xml) {
  INFO(xml.substr(0, 200));
  const auto checked = check_xml(view_of(xml));
  REQUIRE(!checked);
  CHECK(!head_in(view_of(xml)));
  CHECK(!form_of(xml));
  return checked.error().code;
}

std::string nested(int levels) {
  std::string out;
  for (int i = 0; i < levels; ++i) out += "<a>";
  for (int i = 0; i < levels; ++i) out += "</a>";
  return out;
}

}  // namespace

TEST_CASE("form: all public test forms of ODK's projects read", "[sync][form]") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data("public"))) {
    if (entry.path().extension() != ".xml") continue;
    INFO(entry.path());
    const auto form = read_form(file_octets(entry.path()));
    REQUIRE(form);
    ++count;
    CHECK(!form->id.empty());
    CHECK(!form->root.empty());
    CHECK(!form->title.empty());
  }
  CHECK(count == 52);
}

TEST_CASE("form: the product's sample forms say who they are", "[sync][form]") {
  const auto form = read_form(file_octets(data("forms/kham_suc_khoe_ho.xml")));
  REQUIRE(form);
  CHECK(form->id == "kham_suc_khoe_ho");
  CHECK(form->version == "2026051203");
  CHECK(form->root == "data");
  for (const auto& entry : std::filesystem::directory_iterator(data("forms"))) {
    INFO(entry.path());
    CHECK(read_form(file_octets(entry.path())));
  }
}

TEST_CASE("form: upload questions are found by bind and by control", "[sync][form]") {
  const auto uploads = read_form(file_octets(data("public/webforms--file-upload.xml")));
  REQUIRE(uploads);
  CHECK(uploads->upload_paths == std::vector<std::string>{"image", "audio", "video", "doc", "anything", "disabled"});
  const auto audio = read_form(file_octets(data("public/collect--audio-question.xml")));
  REQUIRE(audio);
  CHECK(audio->id == "audio_question");
  CHECK(audio->version == "1");  // orx:version
  CHECK(audio->upload_paths == std::vector<std::string>{"sound"});
}

TEST_CASE("form: media it names are found", "[sync][form]") {
  const auto images = read_form(file_octets(data("public/webforms--ImageSelectTester.xml")));
  REQUIRE(images);
  CHECK(images->media == std::vector<std::string>{"four.gif", "hah.mp3", "one.gif", "three.gif", "two.gif"});
  CHECK(images->id == "http://www.w3.org/2002/xforms");  // no id: its namespace stands in
  const auto form = form_of(form_text(R"(<data id="f"/>)",
                                      R"(<instance id="a" src="jr://file-csv/thôn.csv"/>
                                         <instance id="b" src="jr://instance/last-saved"/>
                                         <instance id="c" src="jr://file/../x.xml"/>
                                         <instance id="d" src="jr://images/.."/>)"));
  REQUIRE(form);
  CHECK(form->media == std::vector<std::string>{"thôn.csv", "x.xml"});
}

TEST_CASE("form: only its own root says that it is urgent, for the health worker, or called otherwise in English", "[sync][form]") {
  std::string plain = form_text(R"(<data id="f" urgency="urgent" domain="health"/>)",
                                R"(<bind nodeset="/data/a" urgency="urgent" domain="health"/>)");
  REQUIRE(form_of(plain));
  CHECK_FALSE(form_of(plain)->urgent);
  CHECK_FALSE(form_of(plain)->health);
  const auto with = [&](const std::string& attribute) {
    std::string form = plain;
    return form_of(form.replace(0, 8, "<h:html xmlns:khuoi=\"urn:khuoi:form\" " + attribute + " "));
  };
  REQUIRE(with(R"(khuoi:urgency="urgent")"));
  CHECK(with(R"(khuoi:urgency="urgent")")->urgent);
  CHECK_FALSE(with(R"(khuoi:urgency="routine")")->urgent);
  CHECK_FALSE(with(R"(khuoi:urgency="")")->urgent);
  CHECK_FALSE(with(R"(khuoi:urgency="urgent")")->health);
  CHECK(with(R"(khuoi:domain="health")")->health);
  CHECK_FALSE(with(R"(khuoi:domain="general")")->health);
  CHECK(with(R"(khuoi:title-en="Tea  log")")->title_en == "Tea log");
  CHECK(form_of(plain)->title_en.empty());
  CHECK(with("khuoi:title-en=\"" + std::string(70'000, 'x') + "\"").error().code == Errc::too_large);
}

TEST_CASE("form: references resolve through prefixes, groups, binds, predicates and white space", "[sync][form]") {
  const auto form =
      form_of(form_text(R"(<x:data xmlns:x="urn:x" id="f" version=" 3 "/>)",
                        R"(<bind nodeset=" /x:data / x:a/b " type="xsd:binary"/><bind nodeset="c/d" type="binary"/>
         <bind nodeset="/data/n"><bind nodeset="inner" type="binary"/></bind>
         <bind id="named" nodeset="/data/by_id"/><bind nodeset="/other/z" type="binary"/>
         <bind nodeset="/data/text" type="string"/><bind type="binary"/>
         <bind nodeset="//any" type="binary"/><bind nodeset="/data/@at" type="binary"/><bind nodeset="/data/x:/b" type="binary"/>
         <bind nodeset="current()/q" type="binary"/>)",
                        R"(<group ref="/data/g"><repeat nodeset="child[position() = 1]"><upload ref="photo"/>
           <upload ref="../sibling"/></repeat></group>
         <group ref="h"><group><upload ref="./deep/photo"/></group></group>
         <upload bind="named"/><upload bind="missing"/><upload ref="/data"/><upload ref="../.."/>
         <upload ref="/data/a/b"/><upload ref="/data/r[./name != 'a/b']/p"/>)"));
  REQUIRE(form);
  CHECK(form->root == "data");
  CHECK(form->version == "3");
  CHECK(form->title == "Khám sức khỏe");
  CHECK(form->upload_paths == std::vector<std::string>{"a/b", "c/d", "n/inner", "g/child/photo", "g/sibling",
                                                       "h/deep/photo", "by_id", "r/p"});
}

TEST_CASE("form: a bind inside the element that names it ends", "[sync][form]") {
  const auto form = form_of(
      form_text(R"(<data id="f"/>)", "", R"(<group bind="b"><bind id="b" nodeset="x" type="binary"/></group>)"));
  REQUIRE(form);
  CHECK(form->upload_paths.empty());
}

TEST_CASE("form: what is no XForm is refused with a reason", "[sync][form]") {
  for (const std::string_view xml :
       {"<data/>", "<html/>", "<html><head/></html>", "<html><head><model/></head></html>",
        "<html><head><model><instance/></model></head></html>",
        "<html><head><model><instance><data/></instance></model></head></html>", "<html>", "<html></htm>", ""}) {
    INFO(xml);
    const auto form = form_of(xml);
    REQUIRE(!form);
    CHECK(form.error().code == Errc::malformed);
    CHECK(form.error().what.size() > 20);
  }
}

TEST_CASE("instance: form, ids and attachments are read", "[sync][instance]") {
  const std::string xml =
      "\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\r\n<!-- c --><data id=\"f\" version=\"7\" "
      "xmlns:orx=\"http://openrosa.org/xforms\"><photo> "
      "a.jpg\n</photo><g><p>b.jpg</p></g><g><p>a.jpg</p></g><g><p/></g>"
      "<other>c.jpg</other><g><p>/sdcard/x/d&amp;e.jpg</p></g><g><p><![CDATA[f<.jpg]]></p></g><g><p>..</p></g>"
      "<orx:meta><orx:instanceID>\n uuid:1 </orx:instanceID><orx:deprecatedID>uuid:0</orx:deprecatedID></orx:meta>"
      "</data>";
  const auto read = facts_in(view_of(xml), simple_form({"photo", "g/p"}));
  REQUIRE(read);
  CHECK(read->head.form_id == "f");
  CHECK(read->head.version == "7");
  CHECK(read->head.root == "data");
  CHECK(read->instance_id == "uuid:1");
  CHECK(read->deprecated_id == "uuid:0");
  CHECK(read->attachments == std::vector<std::string>{"a.jpg", "b.jpg", "d&e.jpg", "f<.jpg"});
  const auto head = head_in(view_of(xml));
  REQUIRE(head);
  CHECK(head->form_id == "f");
}

TEST_CASE("instance: names of attachments are compared in normal form C", "[sync][instance]") {
  const std::string decomposed = "a\xcc\x89nh h\xcf\xb9.jpg";  // "a" and a hook above; a Greek letter stays
  const auto read = facts_in(view_of(instance_text("<p>" + decomposed + "</p>")), simple_form({"p"}));
  REQUIRE(read);
  CHECK(read->attachments == std::vector<std::string>{"\xe1\xba\xa3nh h\xcf\xb9.jpg"});
  CHECK(to_nfc("e\xcc\xa3\xcc\x82") == "\xe1\xbb\x87");  // ệ from e, dot below, circumflex
  CHECK(to_nfc("e\xcc\x82\xcc\xa3") == "\xe1\xbb\x87");  // the marks in the other order
  CHECK(to_nfc("\xff plain") == "\xff plain");
}

TEST_CASE("instance: the generated reference submission reads", "[sync][instance]") {
  const std::string xml =
      R"(<data xmlns:orx="http://openrosa.org/xforms" id="kham_suc_khoe_ho" version="2026051203"><noidung/>)"
      "<orx:meta><orx:instanceID>uuid:47eaa099-2cb6-416d-a6dc-283cf0480ff9</orx:instanceID></orx:meta></data>";
  const auto form = read_form(file_octets(data("forms/kham_suc_khoe_ho.xml")));
  REQUIRE(form);
  const auto read = facts_in(view_of(xml), *form);
  REQUIRE(read);
  CHECK(is_uuid4_instance(read->instance_id));
  CHECK(read->attachments.empty());
}

TEST_CASE("instance: an unknown root, or no or an endless instanceID, is refused", "[sync][instance]") {
  const FormFacts form = simple_form();
  const auto with_id = [](const std::string& id) {
    return R"(<data id="f"><meta><instanceID>)" + id + "</instanceID></meta></data>";
  };
  CHECK(facts_in(view_of(with_id("x")), form));
  CHECK(facts_in(view_of(with_id(std::string(1024, 'x'))), form));
  CHECK(facts_in(view_of(with_id(std::string(1025, 'x'))), form).error().code == Errc::malformed);
  CHECK(facts_in(view_of(with_id(" \n ")), form).error().code == Errc::malformed);
  for (const std::string_view xml :
       {R"(<other id="f"><meta><instanceID>x</instanceID></meta></other>)", R"(<data id="f"/>)",
        R"(<data id="f"><g><meta><instanceID>x</instanceID></meta></g></data>)",
        "<data><meta><instanceID>x</instanceID></meta></data>",
        R"(<data id="f"><meta><instanceID>x</instanceID></meta>)"}) {
    INFO(xml);
    CHECK(facts_in(view_of(xml), form).error().code == Errc::malformed);
  }
  const std::string both = R"(<data id="f" xmlns:o="o"><meta/><o:meta><o:instanceID>y</o:instanceID></o:meta></data>)";
  CHECK(facts_in(view_of(both), form)->instance_id == "y");
  const std::string by_namespace = R"(<d:data xmlns:d="urn:f"><meta><instanceID>y</instanceID></meta></d:data>)";
  CHECK(facts_in(view_of(by_namespace), form)->head.form_id == "urn:f");
}

TEST_CASE("xml: any DOCTYPE is refused, however it is written", "[sync][form]") {
  for (const std::string_view xml :
       {"<!DOCTYPE a><a/>", "<!doctype a><a/>", "<!DocType a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<?xml version='1.0'?>\n<!-- -->\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "<a/><!DOCTYPE a>",
        "<a><!DOCTYPE a></a>", "<a><![CDATA[<!DOCTYPE a>]]></a>", "\xef\xbb\xbf<!DOCTYPE a><a/>"}) {
    CHECK(guard_error(xml) == Errc::malformed);
    CHECK(check_xml(view_of(xml)).error().what.find("DOCTYPE") != std::string::npos);
  }
  CHECK(guard_error("<! DOCTYPE a><a/>") == Errc::malformed);
  CHECK(guard_error("<a><!ENTITY x 'y'></a>") == Errc::malformed);
}

TEST_CASE("xml: only UTF-8 is read", "[sync][form]") {
  using namespace std::string_view_literals;
  for (const std::string_view xml :
       {"\xff\xfe<\0a\0/\0>\0"sv, "\xfe\xff\0<\0a\0/\0>"sv, "<\0a\0/\0>\0"sv, "\0<\0a\0/\0>"sv, "\0\0\0<\0\0\0a"sv,
        "<a>\0</a>"sv, "<a>\xff</a>"sv, "<a>\xc0\xbc</a>"sv, "<a>\xed\xa0\x80</a>"sv, "<a>\xf4\x90\x80\x80</a>"sv,
        "<a>\xe1\xba"sv, "<?xml version='1.0' encoding='UTF-16'?><a/>"sv,
        "<?xml version='1.0' encoding=\"windows-1258\"?><a/>"sv, "<?xml version='1.0' encoding = 'utf-7'?><a/>"sv}) {
    CHECK(guard_error(xml) == Errc::malformed);
  }
  for (const std::string_view xml :
       {"<?xml version='1.0' encoding='utf-8'?><a/>"sv, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<a/>"sv,
        "<?xml version='1.0' encoding='US-ASCII'?><a/>"sv, "<?xml version='1.0'?><a/>"sv, "\xef\xbb\xbf<a/>"sv}) {
    INFO(xml);
    CHECK(check_xml(view_of(xml)));
  }
}

TEST_CASE("xml: 64 levels, 16 MiB and the count of elements are limits", "[sync][form]") {
  CHECK(check_xml(view_of(nested(64))));
  CHECK(guard_error(nested(65)) == Errc::too_large);
  CHECK(guard_error(nested(1'000'000)) == Errc::too_large);
  CHECK(guard_error("<a>" + std::string(xml_octets_max, ' ') + "</a>") == Errc::too_large);
  CHECK(check_xml(view_of("<a>" + std::string(xml_octets_max - 7, ' ') + "</a>")));
  std::string wide = "<a>";
  for (std::size_t i = 0; i < xml_elements_max; ++i) wide += "<b/>";
  CHECK(guard_error(wide + "</a>") == Errc::too_large);
}

TEST_CASE("xml: what is not well-formed is refused", "[sync][form]") {
  for (const std::string_view xml : {"",
                                     " ",
                                     "a",
                                     "<",
                                     "<a",
                                     "<a>",
                                     "<a/",
                                     "</a>",
                                     "<a></a></a>",
                                     "<a/><b/>",
                                     "<a/>x",
                                     "x<a/>",
                                     "<a b></a>",
                                     "<a b=c/>",
                                     "<a b='c/>",
                                     "<a b='c'd='e'/>",
                                     "<a b='<'/>",
                                     "<a b='1' b='2'/>",
                                     "<a>&</a>",
                                     "<a>&x;</a>",
                                     "<a>&#0;</a>",
                                     "<a>&#x1F;</a>",
                                     "<a>&#xD800;</a>",
                                     "<a>&#x110000;</a>",
                                     "<a>&#99999999999;</a>",
                                     "<a>&#;</a>",
                                     "<a>&#x;</a>",
                                     "<a b='&bad;'/>",
                                     "<a>]]></a>",
                                     "<a><!-- </a>",
                                     "<a><![CDATA[</a>",
                                     "<a><?x </a>",
                                     "<a><? x?></a>",
                                     "<![CDATA[x]]><a/>",
                                     "<a/><?xml version='1.0'?>",
                                     " <?xml version='1.0'?><a/>",
                                     "<1a/>",
                                     "< a/>",
                                     "<a>\x01</a>",
                                     "<a:/>",
                                     "<a:><b/></a:>",
                                     "<a b:=''/>",
                                     "<a b=\"1\"c=\"2\"/>",
                                     "<a></a b>"}) {
    CHECK(guard_error(xml) == Errc::malformed);
  }
  for (const std::string_view xml :
       {"<a/>", " <a/> ", "<a b = 'c' d=\"'\"/>", "<a>&lt;&#10;&#x1F600;&#9;</a >", "<a><![CDATA[<b>]] &]]></a>",
        "<!-- <a> --><a><?p <x>?></a><!---->", "<a:b-c.d1/>", "<ô/>", "<a>></a>", "<a\n/>"}) {
    INFO(xml);
    CHECK(check_xml(view_of(xml)));
  }
  CHECK(!head_in(view_of("<a id='f'><b></c></a>")));  // pugixml compares the names
}

TEST_CASE("xml: a complaint names the line", "[sync][form]") {
  const auto checked = check_xml(view_of("<a>\n<b>\n&x;</b></a>"));
  REQUIRE(!checked);
  CHECK(checked.error().what.find("line 2") != std::string::npos);
}

TEST_CASE("instance: damaged submissions are refused or read, never more", "[sync][instance]") {
  SeededRng rng(3);
  const std::string good = instance_text("<p a='b'>x&amp;y.jpg</p><!-- c --><q><![CDATA[z]]></q>");
  const FormFacts form = simple_form({"p"});
  REQUIRE(facts_in(view_of(good), form));
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(!facts_in(view_of(std::string_view(good).substr(0, size)), form));
  }
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = good;
    for (std::uint64_t i = 0; i <= rng.below(3); ++i) {
      constexpr std::string_view pool = "<>/&;'\"=![]-? ax\x80";
      damaged[rng.below(damaged.size())] = pool[rng.below(pool.size())];
    }
    (void)facts_in(view_of(damaged), form);
  }
}

TEST_CASE("instance: a dossier's id is the start of BLAKE2b-256 of the instanceID", "[sync][instance]") {
  // b2sum -l 256 over "uuid:1", and over it with the hamlet's eight octets.
  CHECK(dossier_id_of("uuid:1").hex() == "3359298ed600f0847a9905a3a4fd7392");
  CHECK(dossier_id_of("uuid:1", HamletId::filled(0x41)).hex() == "fd5823fa46e93ba80a59953eb7b09d28");
}

TEST_CASE("instance: only a UUID of version 4 is one that nobody guesses", "[sync][instance]") {
  CHECK(is_uuid4_instance("uuid:47eaa099-2cb6-416d-a6dc-283cf0480ff9"));
  CHECK(is_uuid4_instance("uuid:47EAA099-2CB6-416D-A6DC-283CF0480FF9"));
  for (const std::string_view id :
       {"", "uuid:", "47eaa099-2cb6-416d-a6dc-283cf0480ff9", "uuid:47eaa099-2cb6-116d-a6dc-283cf0480ff9",
        "uuid:47eaa099-2cb6-416d-c6dc-283cf0480ff9", "uuid:47eaa099-2cb6-416d-a6dc-283cf0480ff",
        "uuid:47eaa099-2cb6-416d-a6dc-283cf0480ff99", "uuid:47eaa0g9-2cb6-416d-a6dc-283cf0480ff9",
        "UUID:47eaa099-2cb6-416d-a6dc-283cf0480ff9"}) {
    INFO(id);
    CHECK(!is_uuid4_instance(id));
  }
}
